module.exports = { globalSetup: "payment-provider-emulator/global-setup" };

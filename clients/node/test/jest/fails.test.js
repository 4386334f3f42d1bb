// One of these is meant to fail: tests/test_node_client.py looks at what is printed.
const { useEmulator } = require("payment-provider-emulator/jest");

const emulator = useEmulator();

test("this one is good", async () => {
  await emulator.makeOrder("basswallet");
});

test("this one is meant to fail", async () => {
  await emulator.makeOrder("koywe");
  expect(emulator.name).toBe("another");
});

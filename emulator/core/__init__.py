"""The pure core: sandboxes, orders, time, scenarios. No socket, no wall clock, no global chance, no provider's name."""

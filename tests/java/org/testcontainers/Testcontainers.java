package org.testcontainers;

public final class Testcontainers {
    private Testcontainers() {}

    public static void exposeHostPorts(int... ports) {}
}

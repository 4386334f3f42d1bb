package org.junit.jupiter.api;

import java.util.Objects;

public final class Assertions {
    private Assertions() {}

    public static void assertEquals(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) throw new AssertionError("expected " + expected + ", not " + actual);
    }
}

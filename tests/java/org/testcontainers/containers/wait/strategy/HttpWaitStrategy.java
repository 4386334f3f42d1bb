package org.testcontainers.containers.wait.strategy;

public class HttpWaitStrategy implements WaitStrategy {
    public final String path;

    HttpWaitStrategy(String path) {
        this.path = path;
    }

    public HttpWaitStrategy forPort(int port) {
        return this;
    }
}

package org.testcontainers.containers;

import java.net.HttpURLConnection;
import java.net.URI;
import org.testcontainers.containers.wait.strategy.HttpWaitStrategy;
import org.testcontainers.containers.wait.strategy.WaitStrategy;

/** In place of a container: the emulator at EMULATOR_URL, whose front door stands for the one mapped port. */
public class GenericContainer<SELF extends GenericContainer<SELF>> {
    private final URI front = URI.create(System.getenv("EMULATOR_URL"));

    public GenericContainer(String image) {}

    @SuppressWarnings("unchecked")
    private SELF self() {
        return (SELF) this;
    }

    public SELF withExposedPorts(Integer... ports) {
        if (ports.length != 1 || ports[0] != 8900) throw new AssertionError("the front door alone is enough");
        return self();
    }

    public SELF withAccessToHost(boolean has) {
        return self();
    }

    public SELF waitingFor(WaitStrategy strategy) {
        try {
            var url = front.resolve(((HttpWaitStrategy) strategy).path).toURL();
            int status = ((HttpURLConnection) url.openConnection()).getResponseCode();
            if (status != 200) throw new AssertionError(url + ": " + status);
        } catch (java.io.IOException error) {
            throw new AssertionError(error);
        }
        return self();
    }

    public String getHost() {
        return front.getHost();
    }

    public Integer getMappedPort(int port) {
        return front.getPort();
    }
}

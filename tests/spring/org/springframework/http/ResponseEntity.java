package org.springframework.http;

/** What the recipe needs of Spring's. */
public final class ResponseEntity<T> {
    private final int status;

    private ResponseEntity(int status) {
        this.status = status;
    }

    public static BodyBuilder status(int status) {
        return new BodyBuilder(status);
    }

    public static BodyBuilder ok() {
        return status(200);
    }

    public int getStatusCodeValue() {
        return status;
    }

    public static final class BodyBuilder {
        private final int status;

        private BodyBuilder(int status) {
            this.status = status;
        }

        public <T> ResponseEntity<T> build() {
            return new ResponseEntity<>(status);
        }
    }
}

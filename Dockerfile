# Two stages: the first installs what the locks pin and builds the wheel, the second has only Python and the result.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements-build.lock requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --target /opt/build --require-hashes --requirement requirements-build.lock
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/emulator \
 && pip --python /opt/emulator/bin/python install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY emulator ./emulator
COPY schemas ./schemas
COPY scenarios ./scenarios
RUN PYTHONPATH=/opt/build pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /opt/wheels . \
 && pip --python /opt/emulator/bin/python install --no-cache-dir --no-deps --no-index /opt/wheels/*.whl

FROM python:3.12-slim
LABEL org.opencontainers.image.title="payment-provider-emulator" \
      org.opencontainers.image.description="A server that behaves like the order APIs of payment providers, for tests, CI and demos" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# A running container installs nothing, so pip goes. /opt/ca is writable for everybody, and so is a new volume there.
RUN mkdir --mode 1777 /opt/ca \
 && rm -rf /usr/local/bin/pip* /usr/local/lib/python3.*/site-packages/pip* /usr/local/lib/python3.*/ensurepip
COPY scripts/health.sh /opt/health.sh
COPY --from=build /opt/emulator /opt/emulator
# Loopback would be the container's own.
ENV PATH=/opt/emulator/bin:$PATH PYTHONUNBUFFERED=1 EMULATOR_HOST=0.0.0.0
# By number, so that platforms can check that it is not root. It needs no home and no writable files.
USER 10001:10001
EXPOSE 8900 8901 8902 8903 8904
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=6 CMD ["bash", "/opt/health.sh"]
ENTRYPOINT ["emulator"]

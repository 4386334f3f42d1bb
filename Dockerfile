# Two stages: the first builds, the second has Python and the installed package, nothing else.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY emulator ./emulator
COPY schemas ./schemas
COPY scenarios ./scenarios
RUN python -m venv /opt/emulator && /opt/emulator/bin/pip install --no-cache-dir .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home emulator
COPY --from=build /opt/emulator /opt/emulator
ENV PATH=/opt/emulator/bin:$PATH PYTHONUNBUFFERED=1
# In a container, loopback would be the container's own.
ENV EMULATOR_HOST=0.0.0.0
USER emulator
EXPOSE 8900 8901 8902 8903 8904
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=6 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('EMULATOR_PORT', '8900') + '/_emulator/ready', timeout=2)"]
ENTRYPOINT ["emulator"]

# Two stages: the first builds the wheel and its environment, the second carries only what runs.
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN deploy/build.sh /tmp/wheels && deploy/install.sh /opt/duban /tmp/wheels

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin duban \
    && install -d -o duban -g duban -m 0700 /data
COPY --from=build /opt/duban /opt/duban
COPY deploy/healthy.py /opt/duban/healthy.py
ENV PATH=/opt/duban/bin:$PATH DUBAN_DATA=/data DUBAN_PORT=8765
USER duban
VOLUME /data
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["python", "/opt/duban/healthy.py"]
# Listening beyond loopback needs DUBAN_ACCESS_TOKEN; without it the service says so and stops.
CMD ["sh", "-c", "exec duban serve --host 0.0.0.0 --port \"$DUBAN_PORT\""]

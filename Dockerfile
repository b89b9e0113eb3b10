# Two stages; the base image is an argument, so that a site can use its own.
ARG BASE=python:3.12-slim
FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE feeds.yaml ./
COPY monitor monitor
COPY classifiers classifiers
COPY seeds seeds
RUN python3 -m venv /opt/regwatch \
 && /opt/regwatch/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /opt/regwatch/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
COPY --from=build /opt/regwatch /opt/regwatch
COPY docker/feeds.yaml.sh /opt/regwatch/bin/regwatch-container-config
RUN mkdir -p /etc/regwatch /var/lib/regwatch \
 && sh /opt/regwatch/bin/regwatch-container-config /opt/regwatch > /etc/regwatch/feeds.yaml \
 && chown 65534:65534 /var/lib/regwatch
ENV PATH=/opt/regwatch/bin:$PATH PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1 REGWATCH_CONFIG=/etc/regwatch/feeds.yaml
USER 65534:65534
VOLUME /var/lib/regwatch
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=20s --start-period=120s CMD ["regwatch", "health"]
ENTRYPOINT ["regwatch"]
CMD ["run"]

# The Cities example, for compose.yaml. Both stages use Debian 12, so that the second installs the library versions that the
# first links.
FROM swift:6.2-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libhiredis-dev libpq-dev libsqlite3-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN swift build -c release --product cities --traits default,PostgreSQL
# The example reads its data from the folder next to it.
RUN mkdir /cities \
    && cp .build/release/cities /cities/ \
    && cp -R .build/release/swift-response-cache_Cities.resources /cities/

FROM swift:6.2-bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libhiredis0.14 libpq5 libsqlite3-0 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system cities \
    && install --directory --owner=cities /data
COPY --from=build /cities /cities
USER cities
# An empty volume mounted here has the owner of the folder.
VOLUME /data
EXPOSE 8080
WORKDIR /data
ENTRYPOINT ["/cities/cities"]
CMD ["--host", "0.0.0.0"]

# syntax=docker/dockerfile:1

# Builds the binary. The C library is that of the image below: both are Debian 13.
FROM rust:1.95-trixie AS build
# perl and make build OpenSSL, which is linked in statically.
RUN apt-get update && apt-get install --yes --no-install-recommends perl make && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin latchkey && cp target/release/latchkey /latchkey
# Owned by the user below, so that a new volume mounted here is too.
RUN mkdir /data

# No shell, no package manager; certificate authorities and the C library are there. The user is 65532.
FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /latchkey /usr/local/bin/latchkey
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/latchkey/
COPY --from=build --chown=65532:65532 /data /data
# A relative path, as in the default sqlite:latchkey.sqlite, lies on the volume.
WORKDIR /data
VOLUME /data
# In a container, loopback is nobody's address; publish the port to choose who may come.
ENV LATCHKEY_SERVER__LISTEN=0.0.0.0:8080
EXPOSE 8080
# There is no shell in here, and no other program that could ask. If the server is configured by a file, and that says
# where it listens or to serve https, name the file here too: health --config FILE.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/usr/local/bin/latchkey", "health"]
# SIGTERM: finish what was begun, then end.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/latchkey"]
CMD ["serve"]

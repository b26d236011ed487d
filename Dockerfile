# The program kps-emulator; docs/emulator.md tells how to run it.
FROM rust:1.88-bookworm AS build
WORKDIR /kps
COPY . .
RUN cargo build --package kps-emulator --features cli,fresh-keys --release --locked

FROM debian:bookworm-slim
COPY --from=build /kps/target/release/kps-emulator /usr/local/bin/kps-emulator
# Nobody in particular.
USER 65532:65532
EXPOSE 8650
ENTRYPOINT ["kps-emulator", "--listen", "0.0.0.0:8650"]

# Builds the wheel, installs it in a clean stage, and refuses to be built from a rulebase that cannot be proved.
FROM python:3.12-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/wegwijzer \
    && /opt/wegwijzer/bin/pip install --require-hashes -r requirements/build.txt \
    && /opt/wegwijzer/bin/pip install --require-hashes --no-build-isolation -r requirements/run.txt
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY service service
COPY rules rules
COPY content content
RUN /opt/wegwijzer/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/wegwijzer/bin/pip install --no-deps /dist/*.whl \
    && cd / && /opt/wegwijzer/bin/wegwijzer check

FROM python:3.12-slim-bookworm
COPY --from=build /opt/wegwijzer /opt/wegwijzer
RUN useradd --system --no-create-home --shell /usr/sbin/nologin wegwijzer
USER wegwijzer
ENV XDG_CACHE_HOME=/tmp PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
CMD ["/opt/wegwijzer/bin/wegwijzer", "serve", "--host", "0.0.0.0"]

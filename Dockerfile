# Proves and compiles the rulebase, builds the wheel with it, and installs that in a clean stage: no image holds a
# rulebase that cannot be proved.
# Whoever deploys names a base by its digest: --build-arg BASE=docker.io/library/python:3.12-slim-bookworm@sha256:…
# Behind a mirror: --secret id=pip.conf,src=… and, for certificates that it names as /run/secrets/authorities,
# --secret id=authorities,src=…
ARG BASE=docker.io/library/python:3.12-slim-bookworm

# The tools that build stay in this stage. What ships gets wheels only, without pip and without compiled bytes, so that
# two builds are alike to the byte. (pip is a requirement of sqlite-utils, for a command that is never run here.)
FROM ${BASE} AS build
ARG BASE
# The time in the files of the wheels: by default the first moment that a zip file can name.
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore VENV=/tools
WORKDIR /src
COPY scripts scripts
COPY requirements requirements
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=authorities \
    case "${BASE}" in *@sha256:*) ;; *) echo "WARNING: BASE has no digest; the same build may differ tomorrow." >&2 ;; esac; \
    scripts/setup builder; \
    PYTHON=/tools/bin/python scripts/hardened /tools/bin/pip wheel --require-hashes --no-build-isolation \
        --wheel-dir /wheels --requirement requirements/run.txt; \
    rm /wheels/pip-*; \
    python3 -m venv --without-pip /opt/wegwijzer; \
    /tools/bin/pip --python /opt/wegwijzer/bin/python install --no-index --no-deps --no-compile /wheels/*.whl; \
    python3 -m venv /sbom; \
    /sbom/bin/pip install --require-hashes --requirement requirements/sbom.txt
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY LICENSES LICENSES
COPY service service
COPY tools tools
COPY rules rules
COPY content content
COPY tests/cases tests/cases
COPY tests/neighbourhoods.toml tests/
RUN PYTHONDONTWRITEBYTECODE=1 /opt/wegwijzer/bin/python -c 'from service.cli.main import main; main()' compile service/compiled.json; \
    /tools/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /dist .; \
    /tools/bin/pip --python /opt/wegwijzer/bin/python install --no-index --no-deps --no-compile /dist/*.whl; \
    /sbom/bin/python scripts/sbom.py /opt/wegwijzer/bin/python /opt/wegwijzer/share/sbom

FROM ${BASE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Wegwijzer" \
    org.opencontainers.image.description="Refers whoever works at or with the Rijksoverheid to the right next step" \
    org.opencontainers.image.licenses="EUPL-1.2 AND OFL-1.1 AND LicenseRef-Kamerstuk" \
    org.opencontainers.image.revision="${REVISION}"
# Some bases bring a pip of their own.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip /usr/local/lib/python3*/site-packages/pip*
COPY --from=build /opt/wegwijzer /opt/wegwijzer
USER 65532:65532
WORKDIR /tmp
ENV PYTHONDONTWRITEBYTECODE=1 WEGWIJZER_HEALTH=127.0.0.1:8001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=90s \
    CMD ["/opt/wegwijzer/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8001/health/ready', timeout=2)"]
CMD ["/opt/wegwijzer/bin/wegwijzer", "serve", "--host", "0.0.0.0"]

# One image, several processes: `docker run banjie api`, `worker`, `worker.dispatcher`,
# `store.migrations`, or `cli.main key bootstrap`. Where packages come from is pip's own
# configuration (PIP_INDEX_URL as a build argument names a mirror); every one is checked by its hash.
ARG PYTHON=python:3.12-slim

FROM ${PYTHON} AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.txt requirements/run.txt requirements/
RUN python -m venv /opt/banjie \
 && /opt/banjie/bin/pip install --require-hashes -r requirements/run.txt \
 && pip install --require-hashes -r requirements/build.txt
# What the pages are made of; where npm fetches it is npm's own configuration.
ARG NPM_CONFIG_REGISTRY
COPY requirements/node.txt requirements/
COPY web/__init__.py web/vendor.py web/package.json web/package-lock.json web/
COPY web/licences web/licences
RUN python -m web.vendor run
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/banjie/bin/pip install --no-deps --no-index /wheels/*.whl

FROM ${PYTHON}
ENV PATH=/opt/banjie/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A new volume takes the owner of the folder that it is mounted over.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin banjie \
 && install -d -o 10001 -g 10001 -m 700 /home/banjie/.banjie /home/banjie/.banjie/archive \
    /home/banjie/.banjie/attachments /home/banjie/.banjie/checkpoints
COPY --from=build /opt/banjie /opt/banjie
USER 10001
WORKDIR /home/banjie
# -P: a folder of that name where it is run is not ours.
ENTRYPOINT ["python", "-P", "-m"]
CMD ["api"]

# The lab in a container: docker build -t ef21lab . && docker run -p 8501:8501 -v ef21lab:/data ef21lab
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 lab && install --directory --owner=lab /data
WORKDIR /home/lab/ef21lab

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY --chown=lab . .
USER lab

ENV PYTHONPATH=/home/lab/ef21lab
ENV EF21LAB_HOME=/data \
    MALLOC_ARENA_MAX=2
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"

CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.headless", "true"]

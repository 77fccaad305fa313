{{- define "lull.prometheusConfig" -}}
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 10s}
rule_files: [lull.rules.yaml]
{{- with .Values.prometheus.alertmanagers }}
alerting: {alertmanagers: [{static_configs: [{targets: {{ toJson . }}}]}]}
{{- end }}
scrape_configs:
  # By DNS, and functions' pods by the operator's list: Prometheus needs no right in the cluster.
  {{- range $component := include "lull.components" $ | splitList " " }}
  - job_name: lull-{{ $component }}
    dns_sd_configs: [{names: ["lull-{{ $component }}-metrics.{{ $.Release.Namespace }}.svc.{{ $.Values.clusterDomain }}"], type: A, port: 9090, refresh_interval: 2s}]
    # The metrics' own namespace label is the function's.
    honor_labels: true
  {{- end }}
  - job_name: lull-function
    http_sd_configs: [{url: "http://lull-operator-metrics.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:9090/sd/functions", refresh_interval: 2s}]
    # Not honor_labels: whose pod it is says the operator, not what runs in it, or a function could speak (and be scaled) for another. For the same reason nothing
    # is taken that activator or operator expose.
    metric_relabel_configs:
      - {source_labels: [__name__], regex: "lull_bridge_.+|process_resident_memory_bytes", action: keep}
      - {regex: "exported_(namespace|function|pod)", action: labeldrop}
{{- end }}

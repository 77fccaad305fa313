{{- define "lull.labels" -}}
app.kubernetes.io/name: lull
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: lull
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.global.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Immutable: what selects pods never carries a version. */ -}}
{{- define "lull.selector" -}}
app.kubernetes.io/name: lull
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "lull.image" -}}
{{ .root.Values.image.repository }}/{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "lull.keySecret" -}}
{{ .Values.announce.existingSecret | default "lull-announce-key" }}
{{- end }}

{{- define "lull.prometheusUrl" -}}
{{- if and .Values.prometheus.enabled .Values.prometheus.url }}
{{- fail "prometheus.enabled and prometheus.url exclude each other: set prometheus.enabled=false to use the server at prometheus.url" }}
{{- end }}
{{- if not (or .Values.prometheus.enabled .Values.prometheus.url) }}
{{- fail "the autoscaler needs a Prometheus: prometheus.enabled=true, or prometheus.url=http://…" }}
{{- end }}
{{- if .Values.prometheus.enabled -}}
http://lull-prometheus.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:9090
{{- else -}}
{{ .Values.prometheus.url }}
{{- end }}
{{- end }}

{{- /* What every pod of Lull has: restricted Pod Security, no service links. */ -}}
{{- define "lull.podSecurity" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.global.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "lull.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "lull.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* A period of 1 s, so that an activator that was restarted is back within 5 s. */ -}}
{{- define "lull.probes" -}}
readinessProbe: {httpGet: {path: /readyz, port: metrics}, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 2}
livenessProbe: {httpGet: {path: /healthz, port: metrics}, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 6}
{{- end }}

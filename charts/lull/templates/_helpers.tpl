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

{{- /* Lull's own Deployments that have metrics, with spaces between. */ -}}
{{- define "lull.components" -}}
activator operator store{{ if .Values.activator.lambdaApi.manage.enabled }} manager{{ end }}
{{- end }}

{{- define "lull.image" -}}
{{ .root.Values.image.repository }}/{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "lull.keySecret" -}}
{{ .Values.announce.existingSecret | default "lull-announce-key" }}
{{- end }}

{{- /*
What is wrong with .Values.prometheus, in sentences: what a schema can only say as "does not match". prometheus.enabled goes together with serviceMonitor and rules: Lull's
own Prometheus then scales, every 2 s and whatever becomes of yours, and yours is for people.
*/ -}}
{{- define "lull.checkPrometheus" -}}
{{- $p := .Values.prometheus }}
{{- $foreign := or $p.bearerTokenSecret.name $p.caSecret.name $p.headers }}
{{- if and $p.enabled $p.url }}
{{- fail "prometheus.enabled and prometheus.url exclude each other: set prometheus.enabled=false to use the server at prometheus.url" }}
{{- end }}
{{- if not (or $p.enabled $p.url) }}
{{- fail "the autoscaler needs a Prometheus: prometheus.enabled=true, or prometheus.url=http://…" }}
{{- end }}
{{- if and $p.enabled $foreign }}
{{- fail "prometheus.bearerTokenSecret, prometheus.caSecret and prometheus.headers are for the server at prometheus.url: Lull's own Prometheus asks for none of them" }}
{{- end }}
{{- if and $p.url (not (regexMatch "^https?://[^/@?#\\s]+[^@?#\\s]*$" $p.url)) }}
{{- fail (printf "prometheus.url is %q: give the base URL, http://HOST:PORT or https://HOST/PATH, without user, query or /api/v1; a password belongs in prometheus.headers.Authorization" $p.url) }}
{{- end }}
{{- if hasSuffix "/api/v1" (trimSuffix "/" $p.url) }}
{{- fail (printf "prometheus.url is %q: leave /api/v1 out, Lull adds it" $p.url) }}
{{- end }}
{{- if and $p.caSecret.name (not (hasPrefix "https://" $p.url)) }}
{{- fail (printf "prometheus.caSecret needs a prometheus.url that begins with https://, and it is %q" $p.url) }}
{{- end }}
{{- range $name, $value := $p.headers }}
{{- if not (regexMatch "^[A-Za-z0-9-]+$" $name) }}
{{- fail (printf "prometheus.headers has %q, which is no name of a header field: letters, digits and dashes, as in X-Scope-OrgID" $name) }}
{{- end }}
{{- if and $p.bearerTokenSecret.name (eq (lower $name) "authorization") }}
{{- fail "prometheus.bearerTokenSecret and prometheus.headers.Authorization exclude each other: both say who asks" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "lull.prometheusUrl" -}}
{{- include "lull.checkPrometheus" . }}
{{- if .Values.prometheus.enabled -}}
http://lull-prometheus.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:9090
{{- else -}}
{{ .Values.prometheus.url }}
{{- end }}
{{- end }}

{{- /* The alerts, from the one file that promtool tests (charts/lull/tests). Their own {{ $labels }} are for Prometheus, so it is not rendered. */ -}}
{{- define "lull.rules" -}}
{{- .Files.Get "files/rules/lull.rules.yaml" | replace "RUNBOOKS#" (printf "%s#" .Values.prometheus.rules.runbooks) }}
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

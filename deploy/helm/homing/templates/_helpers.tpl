{{- define "homing.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{- /* by which the pods are found; never changes */}}
{{- define "homing.selector" -}}
app.kubernetes.io/name: homing
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "homing.labels" -}}
{{ include "homing.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "homing.component" -}}
{{ eq .Values.mode "daemon" | ternary "daemon" "once" }}
{{- end }}

{{- define "homing.secret" -}}
{{- if and .Values.existingSecret .Values.token }}{{ fail "both existingSecret and token are set; take one of them out" }}{{ end }}
{{- if not (or .Values.existingSecret .Values.token) }}{{ fail "homing needs an API token: set existingSecret to the name of a Secret with the key CLOUDFLARE_API_TOKEN" }}{{ end }}
{{- .Values.existingSecret | default (include "homing.name" .) }}
{{- end }}

{{- define "homing.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* homing.yaml: config, the names, and no IPv6 unless it is wished for */}}
{{- define "homing.config" -}}
{{- if hasKey .Values.config "records" }}{{ fail "config.records: write the names into names" }}{{ end }}
{{- if not (or .Values.names (hasKey .Values.config "lists")) }}{{ fail "names is empty, so there is nothing to keep pointing home" }}{{ end }}
{{- $config := deepCopy .Values.config }}
{{- with .Values.names }}{{ $_ := set $config "records" . }}{{ end }}
{{- if not .Values.ipv6 }}
{{- $config = merge $config (dict "detect" (dict "ipv6" (dict "sources" (list "none")))) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{- define "homing.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  {{- if .root.Values.hostNetwork }}
  host: 127.0.0.1
  {{- end }}
{{- end }}

{{- /* the pod, which the Deployment and the CronJob share */}}
{{- define "homing.pod" -}}
{{- $daemon := eq .Values.mode "daemon" -}}
metadata:
  labels:
    {{- include "homing.labels" . | nindent 4 }}
    app.kubernetes.io/component: {{ include "homing.component" . }}
spec:
  serviceAccountName: {{ include "homing.name" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false # else Services put variables into homing's environment
  dnsConfig: # or each name is looked for in the cluster first: "options ndots:5"
    options:
      - {name: ndots, value: "1"}
  terminationGracePeriodSeconds: 15 # homing ends within 8
  {{- if not $daemon }}
  restartPolicy: Never
  {{- end }}
  {{- if .Values.hostNetwork }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532 # lets it read the Secret
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: homing
      image: {{ include "homing.image" . }}
      {{- with .Values.image.pullPolicy }}
      imagePullPolicy: {{ . }}
      {{- end }}
      {{- if not $daemon }}
      args: [once]
      {{- end }}
      env:
        {{- if $daemon }}
        - name: HOMING_LISTEN
          value: {{ .Values.hostNetwork | ternary "127.0.0.1" "0.0.0.0" }}:8245
        - name: HOMING_STATE
          value: /var/lib/homing/state # homing's own: into an emptyDir everybody may write
        {{- end }}
        - name: CREDENTIALS_DIRECTORY
          value: /run/secrets/homing # each key of the Secret is the setting it is called like
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if $daemon }}
      ports:
        - name: http
          containerPort: 8245
      readinessProbe: # one round was made
        {{- include "homing.probe" (dict "root" . "path" "/readyz") | nindent 8 }}
        periodSeconds: 5
      livenessProbe: # the rounds are made in time
        {{- include "homing.probe" (dict "root" . "path" "/healthz") | nindent 8 }}
        periodSeconds: 30
        timeoutSeconds: 5
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: config
          mountPath: /etc/homing
          readOnly: true
        - name: secret
          mountPath: /run/secrets/homing
          readOnly: true
        {{- if $daemon }}
        - name: state
          mountPath: /var/lib/homing
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "homing.name" . }}
    - name: secret
      secret:
        secretName: {{ include "homing.secret" . }}
        defaultMode: 0440
    {{- if $daemon }}
    - name: state
      emptyDir:
        sizeLimit: 8Mi
    {{- end }}
{{- end }}

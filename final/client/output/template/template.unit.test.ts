import { expect, test } from 'vitest';
import { template } from './template.ts';

const value = {
  Name: 'web',
  State: { Running: true, ExitCode: 3, Status: 'exited' },
  Env: ['a', 'b'],
  L: { k: 'v', a: 'b' },
  Binds: null,
  Volumes: null,
  Label: (key: unknown) => `label ${String(key)}`,
};
const show = (source: string) => template(source).render(value);

test.each([
  ['{{.Name}}: {{.State.Running}} {{.L}} {{.Env}}', 'web: true map[a:b k:v] [a b]'],
  ['{{json .Env}} {{len .Env}} {{index .L "k"}} {{index .Env 1}}', '["a","b"] 2 v b'],
  ['{{range .Env}}<{{.}}>{{else}}none{{end}}', '<a><b>'],
  ['{{range $k, $v := .L}}{{$k}}={{$v}} {{end}}', 'a=b k=v '],
  ['{{range $i, $e := .Env}}{{$i}}{{$e}}{{end}}', '0a1b'],
  ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
  ['{{if eq .State.ExitCode 1 3}}x{{end}}{{if not .Env}}a{{else if gt 2 1}}b{{end}}', 'xb'],
  ['{{with .State}}{{.Status}} {{$.Name}}{{end}}', 'exited web'],
  ['{{$x := .Name}}{{$x}}{{$x | upper | printf "%-5s|"}}', 'webWEB  |'],
  ['{{printf "%s %d %q %05d" .Name .State.ExitCode "q" 7}}', 'web 3 "q" 00007'],
  ['{{.Label "x"}} {{(index .Env 0)}} {{split "a,b" ","}}', 'label x a [a b]'],
  ['a {{- .Name -}} b{{/* nothing */}}', 'awebb'],
  ['{{.Binds}} {{.Volumes}} {{.Health}} {{json .Binds}}', '[] map[] <nil> null'],
  ['{{.L.nosuch}}\\t{{json "<a>"}}', '<no value>\t"\\u003ca\\u003e"'],
  ['{{join .Env "+"}} {{truncate .Name 2}} {{slice .Name 1}} {{println 1}}', 'a+b we eb 1\n'],
])('%s', (source, shown) => {
  expect(show(source)).toBe(shown);
});

test.each([
  ['{{.Name', 'failed to parse template: template: :1: unclosed action'],
  ['{{nosuch .Name}}', 'failed to parse template: template: :1: function "nosuch" not defined'],
  ['{{range .Env}}', 'failed to parse template: template: :1: unexpected EOF'],
  ['{{end}}', 'failed to parse template: template: :1: unexpected {{end}}'],
  [
    'ab {{.State.Nosuch}}',
    'failed to execute template: template: :1:11: executing "" at <.State.Nosuch>: ' +
      "can't evaluate field Nosuch",
  ],
])('%s is refused', (source, words) => {
  expect(() => show(source)).toThrow(words);
});

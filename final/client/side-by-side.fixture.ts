// What docker's client and ours are both told: one command line each, with `D` for the client.
//
// - `sideBySide`   in this order: later ones need what earlier ones have made
//
// `$T` is a folder for their files.

const lines = `
D run --rm --network none busybox echo hello
D run --rm --network none busybox sh -c 'echo oh >&2; exit 7'
D run --rm --network none busybox nosuch
D run --rm --network none busybox /etc
D run --rm --pull never nosuch true
D run --rm --nosuch busybox
D run
D run --rm -m x busybox true
D run --rm -p x busybox true
D run --rm --network nosuch busybox true
D run --rm --network none --mount foo=1 busybox true
D run --rm --network none --ulimit x busybox true
D run --rm --network none --add-host h busybox true
D run --rm --network none --cap-add nosuch busybox true
D run --rm --restart always busybox true
D run --rm --network none --health-cmd true --no-healthcheck busybox true
D run --rm --network none --health-interval x busybox true
D run --rm --network none --env-file /nosuch/file busybox true
D run --rm --network none --cpus x busybox true
D run --rm --userns nosuch busybox true
D run --rm --pid nosuch busybox true
D run --rm --uts nosuch busybox true
D run --rm --cgroupns nosuch busybox true
D run --rm --mac-address x busybox true
D run --rm --ip 1.2.3.4 busybox true
D run --rm --dns x busybox true
D run --rm --network-alias x busybox true
D run --rm --security-opt x busybox true
D run --rm --ulimit nofile=2:1 busybox true
D run --rm --network none --isolation x busybox true
D run --rm --network none -v /etc/passwd:/etc busybox true
D run --rm --network none --ulimit nofile=50 busybox sh -c 'ulimit -n'
D run --rm --network none --detach=false -e A=b busybox sh -c 'echo $A'
D run -d -a stdout busybox true
echo typed | D run -i --rm --network none busybox cat
D create --name web --health-cmd true --health-retries 3 --health-interval 2s busybox sleep 100
D inspect -f '{{json .Config.Healthcheck}}' web
D create --name web busybox
D rm web
D run -d --name web -p 127.0.0.1::80 -l k=v busybox sleep 100
D run --name ended --network none busybox sh -c 'echo out; echo err >&2; exit 3'
D ps
D ps -a --no-trunc
D ps -aq --filter status=exited
D ps -a --format '{{.Names}} {{.Image}} {{.State}} {{.Label "k"}} {{.Networks}} {{.LocalVolumes}}'
D ps --format json --filter name=nosuch
D ps -a --filter name=ended --format '{{json .Names}} {{json .State}}'
D ps -a --format 'table {{.Names}}\\t{{.Status}}'
D ps --filter x
D ps extra
D container ls -a -q -n 1
D inspect -f '{{.State.Status}} {{.Config.Env}} {{len .Mounts}} {{.HostConfig.Binds}}' ended
D inspect -f '{{range $k, $v := .NetworkSettings.Ports}}{{$k}}{{end}}' web
D inspect -f '{{if eq .State.ExitCode 3}}three{{else}}other{{end}}{{printf "%5s|" "a"}}' ended
D inspect -f '{{.State.Nosuch}}' ended
D inspect -f '{{' ended
D inspect nosuch ended -f '{{.Name}}'
D container inspect nosuch
D network inspect nosuch
D volume inspect nosuch
D image inspect nosuch
D exec web sh -c 'exit 5'
D exec web nosuch
D exec web /etc
D exec ended true
D exec nosuch true
D exec web
D logs ended
D logs --tail 1 --since x ended
D logs nosuch
D top ended
D port web
D port web 81
D diff ended
D wait ended nosuch
D attach ended
D pause web
D exec web true
D unpause web
D kill ended
D kill -s NOSUCH web
D rename web ended
D rename web ''
D update --memory 64m --memory-swap 64m web
D update web
D update --pids-limit 50 web nosuch
D stats --no-stream --format '{{.Name}} {{.PIDs}}' web
D stats --no-stream nosuch
D stop -t x web
D start nosuch
D restart nosuch
D images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
D images --format json
D history busybox
D tag busybox again:1
D images -q
D rmi 'again?1'
D inspect 'a b' 'a/b' 'a?b' 'a#b'
D rmi again:1
D rmi nosuch
D rmi -f nosuch
D tag busybox UPPER
D commit ended UPPER
D create --name limited --device-read-bps /dev/null:1mb --device-write-iops /dev/null:6 busybox
D inspect limited --format '{{json .HostConfig.BlkioDeviceReadBps}} {{.HostConfig.CpusetCpus}}'
D create --device-read-iops /dev/null:5 --device-write-bps /dev/null:2k --cpu-rt-period 1000 busybox
D create --blkio-weight-device /dev/null:300 --kernel-memory 64m busybox
D run --device-read-bps x busybox
D run --device-write-bps null:1 busybox
D run --device-read-bps /dev/null:x busybox
D run --device-read-iops /dev/null:-1 busybox
D run --blkio-weight-device /dev/null:5 busybox
D update --cpu-rt-runtime x limited
D rm limited
D save -o $T/out.tar busybox
D save -o /nosuch/out.tar busybox
D load -i $T/out.tar
D load -i /nosuch
D export ended | tar t | wc -l
D cp ended:/etc/hostname $T/out.hostname
D cp ended:/nosuch $T/out
D cp $T/out.hostname ended:/tmp/there
D cp ended:/tmp/there - | tar t
D cp $T/out.hostname ended:/nosuch/there
D cp ended:/etc $T/out.hostname
D cp ended:/etc $T/out.etc
D cp ended:/a web:/b
D cp a b
D cp x
D network ls
D network create --label a=b net
D network create net
D network ls --format '{{.Name}} {{.Internal}} {{.Labels}}' --filter name=net
D network connect net web
D network disconnect net web
D network rm net
D network foo
D volume create vol
D volume ls
D volume ls --format json
D volume rm vol
D volume rm vol
D volume rm -f vol
D container prune -f --filter label=nosuch
D image prune -af --filter label=nosuch
D volume prune -f
D network prune -f
D system prune -f --filter label=nosuch
echo n | D container prune
echo n | D system prune -a --volumes
D system df
D system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'
D push nosuch
D login -u u -p p
D logout
D events --since 1 --until 2 --filter container=nosuch
D events --since nosuch
D version --format '{{.Server.Version}} {{.Server.APIVersion}}'
D info --format '{{.Driver}} {{.NCPU}}'
D nosuch
D --nosuch ps
D rm web
D rm -f web nosuch
D rm -f nosuch
D rm
`;

export const sideBySide = lines.trim().split('\n');

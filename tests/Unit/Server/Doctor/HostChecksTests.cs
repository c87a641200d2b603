using System.Net;
using FullStack.Harness;
using FullStack.Server.Doctor;
using FullStack.Store;
using FullStack.Store.Posix;

namespace FullStack.Unit.Server.Doctor;

/// <summary>What is said of the machine: each check with what is good and what is bad.</summary>
public sealed class HostChecksTests : IDisposable
{
    private const long Gigabyte = 1L << 30;

    private readonly ScratchFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(500 * Gigabyte, 100 * Gigabyte, 1000, 900, "disk.ok disk.ok")]
    [InlineData(500 * Gigabyte, 20 * Gigabyte, 1000, 40, "disk.low disk.few_inodes")]
    [InlineData(8 * Gigabyte, Gigabyte - 1, 1000, 9, "disk.low disk.no_inodes")]
    [InlineData(500 * Gigabyte, 4 * Gigabyte, 0, 0, "disk.full")]
    [InlineData(2 * Gigabyte, 50 << 20, 0, 0, "disk.full")]
    public async Task Room_is_judged_by_what_is_left(long octets, long free, long files, long freeFiles, string expected)
        => Assert.Equal(expected, await NamesAsync(new DiskRoomCheck("/data", _ => new(octets, free, files, freeFiles))));

    [Fact]
    public void The_file_system_says_what_room_it_has()
    {
        FileSystemRoom room = FileSystemRoom.Of(_folder.FullPath);
        DriveInfo drive = new(_folder.FullPath);
        Assert.Equal(drive.TotalSize, room.Octets);
        Assert.InRange(room.FreeOctets, 0, room.Octets);
        Assert.Throws<IOException>(static () => FileSystemRoom.Of("/nowhere"));
    }

    [Theory]
    [InlineData(true, "clock.ok")]
    [InlineData(false, "clock.unsynchronised")]
    [InlineData(null, "clock.unknown")]
    public async Task A_clock_that_nothing_keeps_is_told(bool? kept, string expected)
        => Assert.Equal(expected, await NamesAsync(new ClockCheck(_folder.FullPath, TimeProvider.System, () => kept)));

    [Fact]
    public async Task A_clock_that_went_back_is_seen_by_files_from_the_future()
    {
        File.WriteAllText(_folder.File("directory.db"), "");
        File.SetLastWriteTimeUtc(_folder.File("directory.db"), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1));
        Assert.Equal("clock.ok clock.backwards", await NamesAsync(new ClockCheck(_folder.FullPath, TimeProvider.System, static () => true)));
    }

    [Fact]
    public async Task A_file_system_with_another_time_is_told()
    {
        _time.Advance(TimeProvider.System.GetUtcNow() - _time.GetUtcNow() + TimeSpan.FromMinutes(1));
        Assert.Equal("clock.ok clock.file_system", await NamesAsync(new ClockCheck(_folder.FullPath, _time, static () => true)));
    }

    [Theory]
    [InlineData("36 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw", SyncMode.Full, 500, "sync.ok sync.ok")]
    [InlineData("36 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw,nobarrier", SyncMode.Full, 500, "sync.mount sync.ok")]
    [InlineData("36 1 8:1 / /srv/mail rw - tmpfs tmpfs rw", SyncMode.Full, 500_000, "sync.memory sync.implausible")]
    [InlineData("36 1 8:1 / /srv rw - nfs4 host:/x rw", SyncMode.Full, 5, "sync.remote sync.slow")]
    [InlineData("36 1 8:1 / /srv/mailing rw - tmpfs tmpfs rw", SyncMode.None, 500, "sync.off sync.unknown sync.ok")]
    [InlineData("nothing of sense", SyncMode.Full, 500, "sync.unknown sync.ok")]
    public async Task Syncing_is_judged_by_mount_and_rate(string mount, SyncMode sync, double rate, string expected)
        => Assert.Equal(expected, await NamesAsync(new SyncCheck("/srv/mail", sync, () => [mount], _ => rate)));

    [Fact]
    public void Syncing_is_measured_and_leaves_nothing()
    {
        Assert.True(SyncCheck.MeasureIn(_folder.FullPath, TimeProvider.System) > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Theory]
    [InlineData("20000", "1048576", "128", "limits.ok limits.ok limits.ok")]
    [InlineData("unlimited", "8192", "8", "limits.ok limits.watches limits.instances")]
    [InlineData("1024", "1048576", "128", "limits.files limits.ok limits.ok")]
    [InlineData("?", "1048576", "", "limits.unknown limits.ok limits.unknown")]
    public async Task Limits_are_held_to_the_connections(string files, string watches, string instances, string expected)
    {
        WriteProc("7/limits", $"Limit                     Soft Limit           Hard Limit           Units     \nMax open files            {files,-20} 524288               files     \n");
        WriteProc("sys/fs/inotify/max_user_watches", watches + "\n");
        WriteProc("sys/fs/inotify/max_user_instances", instances + "\n");
        Assert.Equal(expected, await NamesAsync(new LimitsCheck(_folder.FullPath, 7, 10_000)));
    }

    [Fact]
    public async Task Ports_are_told_with_who_has_them()
    {
        WriteProc("net/tcp", "  sl  local_address rem_address   st\n"
            + "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1001 1\n"
            + "   1: 00000000:008F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1002 1\n"
            + "   2: 0100007F:006E 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 1003 1\n"
            + "   3: 0100007F:03E1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1004 1\n");
        WriteProc("net/tcp6", "  sl  local_address\n   0: 00000000000000000000000001000000:0019 0:0000 0A 0 0 0 0 0 1005 1\n");
        Hold(41, "fullstack", 1002);
        Hold(42, "exim4", 1001);
        Assert.Equal([("127.0.0.1:25", 42, "exim4"), ("0.0.0.0:143", 41, "fullstack"), ("127.0.0.1:993", null, ""), ("[::1]:25", (int?)null, "")],
            ListeningSockets.Read(_folder.FullPath).Select(static socket => (socket.EndPoint.ToString(), socket.Process, socket.Program)));

        IReadOnlyList<(string, IPEndPoint)> wanted = [("smtp", IPEndPoint.Parse("127.0.0.1:25")), ("imap", IPEndPoint.Parse("0.0.0.0:143")), ("pop3", IPEndPoint.Parse("127.0.0.1:110")), ("imap", IPEndPoint.Parse("127.0.0.1:993"))];
        Assert.Equal("ports.taken ports.ok ports.closed ports.unknown", await NamesAsync(new PortsCheck(wanted, 41, () => ListeningSockets.Read(_folder.FullPath))));
        Assert.Equal("ports.down", await NamesAsync(new PortsCheck([("pop3", IPEndPoint.Parse("127.0.0.1:110"))], null, static () => [])));
    }

    [Fact]
    public async Task What_others_may_read_or_write_is_told()
    {
        string data = Directory.CreateDirectory(_folder.File("data"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        string conf = Directory.CreateDirectory(_folder.File("conf")).FullName;
        string file = Path.Combine(conf, "fullstack.yaml");
        string key = Path.Combine(data, "key.pem");
        File.WriteAllText(file, "");
        File.WriteAllText(key, "");
        File.SetUnixFileMode(conf, Mode("755"));
        File.SetUnixFileMode(file, Mode("644"));
        File.SetUnixFileMode(key, Mode("640"));
        PermissionsCheck check = new(data, file, [key, Path.Combine(data, "not there")]);
        Assert.Equal("permissions.ok permissions.ok permissions.ok permissions.ok", await NamesAsync(check));
        File.SetUnixFileMode(data, Mode("711"));
        File.SetUnixFileMode(file, Mode("664"));
        File.SetUnixFileMode(key, Mode("644"));
        Assert.Equal("permissions.data permissions.key permissions.configuration permissions.ok", await NamesAsync(check));
        Assert.Contains(" 0644", (await check.RunAsync(TestContext.Current.CancellationToken))[1].Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_takes_too_long_or_cannot_look_says_so()
    {
        Task<IReadOnlyList<Finding>> examined = Examination.RunAsync([new Never(), new DiskRoomCheck("/nowhere", FileSystemRoom.Of)], _time, TestContext.Current.CancellationToken);
        _time.Advance(Examination.Limit);
        IReadOnlyList<Finding> findings = await examined;
        Assert.Equal(["never.unknown", "disk.unknown"], findings.Select(static finding => finding.Kind.Name));
        Assert.Equal("not done within 20 s", findings[0].Seen);
        Assert.Equal(0, Examination.ExitCodeFor(findings));
    }

    [Fact]
    public void The_worst_finding_is_the_exit_code()
    {
        Finding ok = new(FindingKind.Ok("x"), "");
        Finding warning = new(DiskRoomCheck.Low, "");
        Finding error = new(DiskRoomCheck.Full, "");
        Assert.Equal(0, Examination.ExitCodeFor([ok]));
        Assert.Equal(1, Examination.ExitCodeFor([ok, warning]));
        Assert.Equal(2, Examination.ExitCodeFor([error, ok, warning]));
    }

    internal static async Task<string> NamesAsync(IDoctorCheck check)
    {
        IReadOnlyList<Finding> findings = await check.RunAsync(TestContext.Current.CancellationToken);
        Assert.All(findings, finding =>
        {
            Assert.StartsWith(check.Name + ".", finding.Kind.Name, StringComparison.Ordinal);
            Assert.NotEmpty(finding.Seen);
            Assert.True(finding.Kind.Level is FindingLevel.Ok or FindingLevel.Unknown || check.Kinds.Contains(finding.Kind), $"{finding.Kind.Name} is not among the check's kinds");
        });
        return string.Join(' ', findings.Select(static finding => finding.Kind.Name));
    }

    private void WriteProc(string name, string text)
    {
        string file = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void Hold(int process, string program, int inode)
    {
        WriteProc($"{process}/comm", program + "\n");
        Directory.CreateDirectory(_folder.File($"{process}/fd"));
        File.CreateSymbolicLink(_folder.File($"{process}/fd/3"), $"socket:[{inode}]");
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);

    private sealed record Never : IDoctorCheck
    {
        public string Name => "never";

        public IReadOnlyList<FindingKind> Kinds => [];

        public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
        {
            await Task.Delay(Timeout.Infinite, ct);
            return [];
        }
    }
}

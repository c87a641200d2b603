using System.Globalization;
using FullStack.Store;
using FullStack.Store.Places;

namespace FullStack.Server.Hosting;

/// <summary>What must be so before a server opens its data folder. Nothing of the folder changes while it is looked at.</summary>
internal static class StartCheck
{
    /// <summary>Linux: ENOSPC, EDQUOT.</summary>
    private const int NoSpace = 28, OverQuota = 122;

    /// <summary>Octets that must fit on the disk: enough for the databases to be opened.</summary>
    private const int ProbeOctets = 256 * 1024;

    /// <summary>How far the clock may be behind the files that the server wrote last. A day: summer time and time zones do not count, both are UTC.</summary>
    private static readonly TimeSpan s_behind = TimeSpan.FromDays(1);

    /// <summary>How far it may be before them: a server may have been off for years, but all mail in its queue would be given up at once.</summary>
    private static readonly TimeSpan s_before = TimeSpan.FromDays(5 * 365);

    private static readonly DateTimeOffset s_firstRelease = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Checks that the clock can be right.</summary>
    /// <exception cref="StartRefusedException">It cannot.</exception>
    public static void RequireClock(string data, DateTimeOffset now)
    {
        if (now < s_firstRelease)
            throw new StartRefusedException(StartTrouble.WrongClock, $"the clock says {Text(now)}, which is past: set it (`timedatectl`), for mail is dated, retried and given up by it");
        if (LastWritten(data) is not { } last || (last.At < now + s_behind && last.At > now - s_before))
            return;
        throw new StartRefusedException(StartTrouble.WrongClock,
            $"the clock says {Text(now)}, but {last.File} was written at {Text(last.At)}: set the clock (`timedatectl`), or `touch {last.File}` if it is right");
    }

    /// <summary>Checks that a data folder, if it is there, can be written, has room, and is no other server's.</summary>
    /// <exception cref="StartRefusedException">It cannot be written.</exception>
    /// <exception cref="StoreLockedException">Another process has it.</exception>
    public static void RequireFolder(ServerConfiguration configuration)
    {
        if (configuration.Store.Place == StorePlace.Home && !HomeRoots.IsSupported)
            throw new StartRefusedException(StartTrouble.NotPermitted, "mail in homes (store.place: home) needs openat2(2), of Linux 5.6, which is not here or not allowed to this process");
        string data = configuration.Data;
        if (File.Exists(data))
            throw new StartRefusedException(StartTrouble.CannotWrite, $"{data} is a file: expected a folder");
        if (!Directory.Exists(data))
            return;
        string probe = Path.Combine(data, $".probe.{Environment.ProcessId}");
        try
        {
            using FileStream file = new(probe, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose, BufferSize = 0 });
            file.Write(new byte[ProbeOctets]);
            file.Flush(flushToDisk: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartRefusedException(StartTrouble.NotPermitted, $"the folder {data} cannot be written by user {Environment.UserName}: not permitted", e);
        }
        catch (IOException e)
        {
            bool isFull = e.HResult is NoSpace or OverQuota;
            throw new StartRefusedException(
                isFull ? StartTrouble.NoRoom : StartTrouble.CannotWrite,
                isFull ? $"there is no room on the disk of {data}: make some, then start again" : $"the folder {data} cannot be written: {e.Message}",
                e);
        }

        if (StoreRoot.ProcessOf(configuration.MailFolder) is { } process)
            throw new StoreLockedException(string.Create(CultureInfo.InvariantCulture, $"{data} is in use by another server, process {process}"));
    }

    // Files that change often, and that no restored backup or tool of an administrator touches alone.
    private static (string File, DateTimeOffset At)? LastWritten(string data)
    {
        (string File, DateTimeOffset At)? last = null;
        foreach (string name in (string[])["directory.db", "directory.db-wal", "queue/queue.db", "queue/queue.db-wal", "mail/.lock"])
        {
            FileInfo file = new(Path.Combine(data, name));
            if (file.Exists && (last is null || file.LastWriteTimeUtc > last.Value.At))
                last = (file.FullName, file.LastWriteTimeUtc);
        }

        return last;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}

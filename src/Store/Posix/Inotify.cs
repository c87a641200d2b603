using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>Takes one event. <paramref name="watch"/> -1: events were lost. One without name is of a watched file: it was written to, or did not stay what it was.</summary>
internal delegate void InotifyVisitor(int watch, bool appeared, ReadOnlySpan<byte> name);

/// <summary>One inotify instance and the means to wake its reader.</summary>
internal sealed class Inotify : IDisposable
{
    private const uint EventsWatched = 0x40 | 0x80 | 0x100 | 0x200; // MOVED_FROM MOVED_TO CREATE DELETE
    private const uint EventsAppeared = 0x80 | 0x100;
    private const uint FileEventsWatched = 0x2 | 0x4 | 0x8 | 0x400 | 0x800; // MODIFY ATTRIB CLOSE_WRITE DELETE_SELF MOVE_SELF
    private const uint FileEventsWritten = 0x2 | 0x8;
    private const uint EventOverflow = 0x4000;
    private const int HeaderOctets = 16;
    private const short PollIn = 1;

    private readonly SafeFileHandle _events;
    private readonly SafeFileHandle _wake;
    private readonly Lock _reading = new(); // from taking events out of the system's queue until they have been visited
    private readonly byte[] _buffer = new byte[32 * 1024];

    private Inotify(SafeFileHandle events, SafeFileHandle wake) => (_events, _wake) = (events, wake);

    /// <summary>Null where the system has no instance left to give.</summary>
    public static Inotify? TryOpen()
    {
        int events = Libc.InotifyInit(Libc.OpenNonBlocking | Libc.OpenCloseOnExec);
        if (events < 0)
            return null;
        SafeFileHandle handle = new(events, ownsHandle: true);
        int wake = Libc.EventFd(0, Libc.OpenNonBlocking | Libc.OpenCloseOnExec);
        if (wake >= 0)
            return new(handle, new SafeFileHandle(wake, ownsHandle: true));
        handle.Dispose();
        return null;
    }

    /// <summary>Watches a directory for names that come and go; -1 where the limit of watches is reached or the directory is gone.</summary>
    public int Add(FilePath directory) => Libc.InotifyAddWatch(_events, directory.Octets, EventsWatched);

    /// <summary>Watches a file for being written to and for being replaced; -1 where it cannot be.</summary>
    public int AddFile(FilePath file) => Libc.InotifyAddWatch(_events, file.Octets, FileEventsWatched);

    public void Remove(int watch) => _ = Libc.InotifyRemoveWatch(_events, watch);

    /// <summary>Waits for events, a wake or the time-out, and visits events that there are; there may be more. Blocks.</summary>
    public void Wait(int timeoutMilliseconds, InotifyVisitor visit)
    {
        Span<PollEntry> entries =
        [
            new PollEntry { File = (int)_events.DangerousGetHandle(), Events = PollIn },
            new PollEntry { File = (int)_wake.DangerousGetHandle(), Events = PollIn },
        ];
        if (Libc.Poll(entries, 2, timeoutMilliseconds) <= 0)
            return;
        if (entries[1].Happened != 0)
            _ = Libc.Read(_wake, stackalloc byte[8], 8);
        if (entries[0].Happened == 0)
            return;
        lock (_reading)
            Read(visit);
    }

    /// <summary>Returns when all events that the system had queued before the call have been visited, here or by whoever waits for them. Waits for nothing else.</summary>
    /// <returns>Whether they have; false once this is disposed of.</returns>
    public bool ReadQueued(InotifyVisitor visit)
    {
        lock (_reading)
        {
            if (_events.IsClosed || Libc.CountReadable(_events, Libc.Readable, out int queued) != 0)
                return false;
            while (queued > 0 && Read(visit) is > 0 and var read)
                queued -= read;
            return true;
        }
    }

    /// <summary>Makes <see cref="Wait"/> return.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(_wake, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)), sizeof(ulong));
    }

    public void Dispose()
    {
        lock (_reading)
            _events.Dispose();
        _wake.Dispose();
    }

    /// <returns>How many octets of events were read; 0 or less: there were none.</returns>
    private int Read(InotifyVisitor visit)
    {
        int count = (int)Libc.Read(_events, _buffer, (nuint)_buffer.Length);
        if (count > 0)
            Visit(_buffer.AsSpan(0, count), visit);
        return count;
    }

    /// <summary>struct inotify_event: watch 4, mask 4, cookie 4, length 4, name padded with NUL.</summary>
    private static void Visit(ReadOnlySpan<byte> events, InotifyVisitor visit)
    {
        while (events.Length >= HeaderOctets)
        {
            int watch = MemoryMarshal.Read<int>(events);
            uint mask = MemoryMarshal.Read<uint>(events[4..]);
            int length = (int)MemoryMarshal.Read<uint>(events[12..]);
            ReadOnlySpan<byte> name = events.Slice(HeaderOctets, length);
            int end = name.IndexOf((byte)0);
            name = end < 0 ? name : name[..end];
            if ((mask & EventOverflow) != 0)
                visit(-1, false, []);
            else
                visit(watch, (mask & (name.IsEmpty ? FileEventsWritten : EventsAppeared)) != 0, name);
            events = events[(HeaderOctets + length)..];
        }
    }
}

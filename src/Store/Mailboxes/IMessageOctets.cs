using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>The octets of one opened message as stored: line ends mostly LF. May be read by several threads at once.</summary>
internal interface IMessageOctets : IDisposable
{
    long Count { get; }

    /// <summary>Reads at an offset; <paramref name="count"/> 0 is the end. Blocks.</summary>
    FileError Read(Span<byte> buffer, long offset, out int count);
}

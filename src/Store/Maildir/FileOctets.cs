using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>A message that is a file of its own.</summary>
internal sealed class FileOctets(IMaildirFiles files, SafeFileHandle file, long count) : IMessageOctets
{
    public long Count => count;

    public FileError Read(Span<byte> buffer, long offset, out int read) => files.Read(file, buffer, offset, out read);

    public void Dispose() => file.Dispose();
}

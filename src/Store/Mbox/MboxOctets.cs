using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// One opened message of an mbox. Where this server rewrites the mbox meanwhile, the file that is open stays as it was; where
/// another program writes into it, each read makes sure that the message is still where it was.
/// </summary>
internal sealed class MboxOctets(IMaildirFiles files, SafeFileHandle file, FileFacts facts, MboxSpan span, MboxMessage message) : IMessageOctets
{
    private readonly MboxContent _content = new(files, file, message);
    private readonly Lock _gate = new();
    private FileFacts _facts = facts;

    public long Count => _content.Octets;

    public FileError Read(Span<byte> buffer, long offset, out int count)
    {
        FileError error = _content.Read(buffer, offset, out count);
        if (error == FileError.None)
            error = files.StatOpen(file, out FileFacts now) is var known and not FileError.None ? known : Check(now);
        if (error != FileError.None)
            count = 0;
        return error;
    }

    public void Dispose() => file.Dispose();

    /// <summary>Whether what was read before the file was found to be as it is now is of this message.</summary>
    private FileError Check(FileFacts now)
    {
        lock (_gate)
        {
            if (now == _facts)
                return FileError.None;
            bool isSame = now.Octets >= span.End && MboxHead.Read(files, file, span) is { } again
                && again.Fields.Select(Place).SequenceEqual(message.Fields.Select(Place));
            if (isSame)
                _facts = now;
            return isSame ? FileError.None : FileError.Failed;
        }

        static (long Offset, int Octets) Place(MboxFieldPlace field) => (field.Offset, field.Octets);
    }
}

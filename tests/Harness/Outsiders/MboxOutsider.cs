using System.Text;
using FullStack.Store;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Harness.Outsiders;

/// <summary>Works on mbox files as mutt does: locks the file, reads it whole, writes it anew in place.</summary>
/// <param name="pathOf">The file of a mailbox.</param>
public sealed class MboxOutsider(Func<string, string> pathOf) : IOutsider
{
    private static readonly PosixFiles s_files = new(SyncMode.None);

    private int _added;

    public void Make(string mailbox) => File.WriteAllBytes(pathOf(mailbox), []);

    public void Add(string mailbox, string subject)
        => Change(mailbox, messages => messages.Add(
            $"From outside@example.test Sun Nov 22 00:{_added / 60 % 60:D2}:{_added++ % 60:D2} 2026\n{Encoding.UTF8.GetString(OutsideMail.Of(subject)).Replace("\r\n", "\n", StringComparison.Ordinal)}\n"));

    public void Remove(string mailbox, string subject) => Change(mailbox, messages => messages.RemoveAll(m => Holds(m, subject)));

    public void SetFlags(string mailbox, string subject, SystemFlags flags)
        => Change(mailbox, messages =>
        {
            int at = messages.FindIndex(m => Holds(m, subject));
            int end = messages[at].IndexOf("\n\n", StringComparison.Ordinal) + 1;
            IEnumerable<string> header = messages[at][..end].Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(static line => !line.StartsWith("Status:", StringComparison.Ordinal) && !line.StartsWith("X-Status:", StringComparison.Ordinal));
            string status = flags.HasFlag(SystemFlags.Seen) ? "RO" : "O";
            string others = string.Concat("AFTD".Where(letter => flags.HasFlag(letter switch
            {
                'A' => SystemFlags.Answered,
                'F' => SystemFlags.Flagged,
                'T' => SystemFlags.Draft,
                _ => SystemFlags.Deleted,
            })));
            messages[at] = string.Concat(header.Append($"Status: {status}").Append($"X-Status: {others}").Select(static line => line + "\n")) + messages[at][end..];
        });

    private static bool Holds(string message, string subject) => message.Contains($"\nSubject: {subject}\n", StringComparison.Ordinal);

    private void Change(string mailbox, Action<List<string>> change)
    {
        using SafeFileHandle file = Lock(pathOf(mailbox));
        s_files.StatOpen(file, out FileFacts facts);
        byte[] octets = new byte[facts.Octets];
        for (int at = 0; at < octets.Length;)
        {
            Check(s_files.Read(file, octets.AsSpan(at), at, out int count));
            at += count;
        }

        List<string> messages = [.. Encoding.UTF8.GetString(octets).Split("\n\nFrom ").Select(static (m, i) => i == 0 ? m : "From " + m).Where(static m => m.Length > 0)];
        for (int i = 0; i < messages.Count - 1; i++)
            messages[i] += "\n\n";
        change(messages);
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(messages));
        Check(s_files.Write(file, text, 0));
        Check(s_files.SetLength(file, text.Length));
    }

    private static void Check(FileError error)
    {
        if (error != FileError.None)
            throw new IOException($"another program could not use the mbox: {error}");
    }

    private static SafeFileHandle Lock(string path)
    {
        while (true)
        {
            Check(s_files.OpenUpdate(FilePath.Of(path), out SafeFileHandle? file, out _));
            if (s_files.Lock(file!, exclusive: true) == FileError.None && s_files.StatOpen(file!, out FileFacts facts) == FileError.None
                && s_files.Stat(FilePath.Of(path), out FileFacts named) == FileError.None && named.Inode == facts.Inode)
                return file!;
            file!.Dispose();
            s_files.Pause(TimeSpan.FromMilliseconds(2));
        }
    }
}

using FullStack.Store.Mailboxes;

namespace FullStack.Harness.Outsiders;

/// <summary>Works on the files of Maildirs by hand.</summary>
/// <param name="pathOf">The directory of a mailbox.</param>
public sealed class MaildirOutsider(Func<string, string> pathOf) : IOutsider
{
    private int _added;

    public void Make(string mailbox)
    {
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(pathOf(mailbox), part));
    }

    public void Add(string mailbox, string subject)
    {
        string folder = pathOf(mailbox), name = $"{1_700_000_000 + _added++}.M1P1.outside";
        string waiting = Path.Combine(folder, "tmp", name);
        File.WriteAllBytes(waiting, OutsideMail.Of(subject));
        File.Move(waiting, Path.Combine(folder, "new", name));
    }

    public void Remove(string mailbox, string subject)
    {
        while (Find(mailbox, subject) is { } file) // The store may have moved it from new/ to cur/ meanwhile.
            File.Delete(file);
    }

    public void SetFlags(string mailbox, string subject, SystemFlags flags)
    {
        string letters = string.Concat("DFRST".Where(letter => flags.HasFlag(letter switch
        {
            'D' => SystemFlags.Draft,
            'F' => SystemFlags.Flagged,
            'R' => SystemFlags.Answered,
            'S' => SystemFlags.Seen,
            _ => SystemFlags.Deleted,
        })));
        while (true)
        {
            string file = Find(mailbox, subject) ?? throw new FileNotFoundException(subject);
            string[] parts = Path.GetFileName(file).Split(":2,");
            if (file.Contains("/cur/", StringComparison.Ordinal) && parts.Length > 1 && string.Concat(parts[1].Where(char.IsUpper)) == letters)
                return; // It writes only the letters that it knows, but no name that would say the same.
            try
            {
                File.Move(file, Path.Combine(pathOf(mailbox), "cur", $"{Path.GetFileName(file).Split(':')[0]}:2,{letters}"));
                return;
            }
            catch (FileNotFoundException)
            {
                // Moved from new/ to cur/ by the store.
            }
        }
    }

    private string? Find(string mailbox, string subject)
        => new[] { "new", "cur" }.SelectMany(part => Directory.GetFiles(Path.Combine(pathOf(mailbox), part)))
            .FirstOrDefault(file => Holds(file, $"Subject: {subject}"));

    private static bool Holds(string file, string line)
    {
        try
        {
            return File.ReadLines(file).Contains(line);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}

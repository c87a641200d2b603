using System.Globalization;
using System.Text;

namespace FullStack.Unit.Store.Takeover;

/// <summary>Writes into a Maildir what another server would have left there.</summary>
internal sealed class FormerMaildir
{
    public FormerMaildir(string path)
    {
        Path = path;
        MakeFolder("");
    }

    public string Path { get; }

    public void MakeFolder(string folder)
    {
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(System.IO.Path.Combine(Path, folder, part));
        if (folder.Length > 0)
            Write($"{folder}/maildirfolder", "");
    }

    /// <summary>Writes one file, octets given as Latin-1.</summary>
    /// <param name="name">Its path in the Maildir.</param>
    /// <param name="text">What it holds.</param>
    /// <param name="modified">Unix time of its last change.</param>
    public void Write(string name, string text, long? modified = null)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, Encoding.Latin1);
        if (modified is { } seconds)
            File.SetLastWriteTimeUtc(path, DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime);
    }

    /// <summary>Writes a message, as long as its name says with <c>S=</c>.</summary>
    public void WriteMessage(string name, string subject)
    {
        string header = $"Subject: {subject}\n\n";
        int size = name.IndexOf(",S=", StringComparison.Ordinal) is var at and >= 0
            ? int.Parse(string.Concat(name[(at + 3)..].TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture) : header.Length + 1;
        Write(name, header + new string('.', size - header.Length - 1) + "\n");
    }
}

using System.Globalization;
using FullStack.Auth.Backends;
using FullStack.Queue.Spool;
using FullStack.Store.Upgrades;

namespace FullStack.Server.Upgrades;

/// <summary>
/// The format of a data folder as a whole: one number, which the folder bears in the file <c>format</c>. Its parts have versions of their own, and each is brought
/// to the present one when it is first opened; what is later than this program is refused before anything is touched.
/// </summary>
internal static class DataFormat
{
    /// <summary>The file in the data folder: the number, and in a second line the program that wrote it.</summary>
    public const string FileName = "format";

    /// <summary>The format that this program writes. It reads all earlier ones. A new version of any of <see cref="Parts"/> asks for a new number here.</summary>
    public const int Version = 2;

    /// <summary>The versions of which the format consists: of the accounts' indexes, of the queue and of the directory.</summary>
    public static (int Index, int Queue, int Directory) Parts => (AccountIndexes.Version, QueueDatabase.Version, AccountDirectory.FormatVersion);

    /// <summary>Refuses a folder that a later program has used.</summary>
    /// <exception cref="LaterFormatException">One has.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static void Require(string data)
    {
        if (Read(data) is ({ } found, var program) && found > Version)
        {
            throw new LaterFormatException(
                $"the data folder {data} has format {found}, written by {program}; this is {Program}, which knows formats up to {Version}: start the later program, or restore a backup from before it");
        }
    }

    /// <summary>Notes that this program uses a folder: durable on return.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Stamp(string data)
    {
        string file = Path.Combine(data, FileName), draft = file + ".new", text = $"{Version}\n{Program}\n";
        if (File.Exists(file) && File.ReadAllText(file) == text)
            return;
        using (FileStream stream = new(draft, FileMode.Create, FileAccess.Write))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }

    private static string Program => $"FullStack Mail {typeof(DataFormat).Assembly.GetName().Version?.ToString(3)}";

    private static (int? Version, string Program) Read(string data)
    {
        string file = Path.Combine(data, FileName);
        if (!File.Exists(file))
            return (null, "");
        using StreamReader reader = new(file);
        return int.TryParse(reader.ReadLine(), NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? (version, reader.ReadLine() ?? "an unknown program")
            : throw new IOException($"{file}: the first line is no format number");
    }
}

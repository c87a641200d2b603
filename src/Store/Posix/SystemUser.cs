namespace FullStack.Store.Posix;

/// <summary>A user of this host.</summary>
/// <param name="Number">The system's number for the user.</param>
/// <param name="Name">The login name.</param>
/// <param name="FullName">The first field of the comment; empty where there is none.</param>
public sealed record SystemUser(uint Number, string Name, string FullName)
{
    private const string File = "/etc/passwd";

    /// <summary>The number of the user whose process this is.</summary>
    public static uint CurrentNumber => Libc.EffectiveUser();

    /// <summary>The user whose process this is.</summary>
    public static SystemUser Current => Find(CurrentNumber) ?? new(CurrentNumber, Environment.UserName, "");

    /// <summary>Looks a user up; null where the system's own list has none of that number.</summary>
    public static SystemUser? Find(uint number)
    {
        try
        {
            foreach (string line in System.IO.File.ReadLines(File))
            {
                string[] fields = line.Split(':');
                if (fields.Length >= 5 && uint.TryParse(fields[2], System.Globalization.CultureInfo.InvariantCulture, out uint found) && found == number)
                    return new(number, fields[0], fields[4].Split(',')[0].Replace("&", Capitalised(fields[0]), StringComparison.Ordinal));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A host without the file has users all the same; they have numbers only.
        }

        return null;
    }

    // passwd(5): an ampersand stands for the login name.
    private static string Capitalised(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..];
}

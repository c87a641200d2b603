namespace FullStack.Auth.Backends.Files;

/// <summary>Lines as Dovecot's passwd-file has them: <c>user:password:uid:gid:gecos:home:shell:name=value …</c>, of which all but the first may be missing.</summary>
internal static class PasswdLine
{
    private static readonly string[] s_names = ["", "password", "uid", "gid", "", "home", "", ""];

    public static FileAccounts Parse(IEnumerable<string> lines)
    {
        Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>> accounts = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines)
        {
            if (line.Length == 0 || line[0] == '#' || ReadFields(line, out string user) is not { } fields)
                continue;
            accounts.TryAdd(user, fields); // of two lines the first counts, as to everybody who searches from the top
        }

        return new(accounts);
    }

    private static List<KeyValuePair<string, string>>? ReadFields(string line, out string user)
    {
        // A password may hold colons in its scheme's text only where it is in braces; extra fields hold what they want.
        string[] parts = line.Split(':', s_names.Length);
        user = parts[0].Trim();
        if (user.Length == 0)
            return null;
        List<KeyValuePair<string, string>> fields = [];
        for (int i = 1; i < parts.Length - (parts.Length == s_names.Length ? 1 : 0); i++)
        {
            if (s_names[i].Length > 0)
                fields.Add(new(s_names[i], parts[i].Trim()));
        }

        if (parts.Length == s_names.Length)
        {
            foreach (string extra in parts[^1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                int equals = extra.IndexOf('=', StringComparison.Ordinal);
                fields.Add(equals < 0 ? new(extra, "") : new(extra[..equals], extra[(equals + 1)..]));
            }
        }

        return fields;
    }
}

namespace FullStack.Auth.Backends.Files;

/// <summary>Lines as Courier's userdb has them: <c>user TAB name=value|name=value…</c>.</summary>
/// <remarks>Of the passwords that may be kept for each protocol one counts for all: <c>imappw</c>, else <c>systempw</c>, <c>pop3pw</c>, <c>esmtppw</c>.</remarks>
internal static class UserdbLine
{
    private static readonly string[] s_passwords = ["imappw", "systempw", "pop3pw", "esmtppw"];

    public static FileAccounts Parse(IEnumerable<string> lines)
    {
        Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>> accounts = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines)
        {
            int tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab <= 0 || line[0] == '#')
                continue;
            Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
            foreach (string field in line[(tab + 1)..].Split('|', StringSplitOptions.TrimEntries))
            {
                int equals = field.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                    values.TryAdd(field[..equals], field[(equals + 1)..]);
            }

            if (s_passwords.Select(values.GetValueOrDefault).FirstOrDefault(static text => !string.IsNullOrEmpty(text)) is { } password)
                values["password"] = password;
            accounts.TryAdd(line[..tab].Trim(), [.. values]);
        }

        return new(accounts);
    }
}

using System.Text;

namespace FullStack.Server.Configuration;

/// <summary>The annotated example: every key with its meaning and its default, rendered from <see cref="Settings"/>.</summary>
/// <remarks>A line that begins with # and a space is a remark; one that begins with # and a letter is a setting with its default.</remarks>
internal static class ConfigurationExample
{
    private const string Head = """
        # FullStack Mail: every setting with its default, as printed by `fullstack check --describe`.
        #
        # A line that begins with "# " is a remark. A line with a "#" right before a key shows the default, or an example
        # where there is none: remove the "#" to set another value. Sizes: 64KiB 50MiB 2GiB. Durations: 30s 10m 2h 1d.
        # `fullstack check --config FILE` says what is wrong with a file; SIGHUP makes a running server read it again.

        """;

    public static string Render()
    {
        StringBuilder text = new(Head);
        string section = "";
        foreach (Setting setting in Settings.All)
        {
            int dot = setting.Name.LastIndexOf('.');
            string own = dot < 0 ? "" : setting.Name[..dot];
            text.Append('\n');
            if (own != section && own.Length > 0)
                text.Append(own).Append(":\n");
            section = own;
            string indent = own.Length > 0 ? "  " : "";
            foreach (string line in setting.Summary.Split('\n'))
                text.Append(indent).Append("# ").Append(line).Append('\n');
            if (setting.NeedsRestart)
                text.Append(indent).Append("# A change needs a restart.\n");
            text.Append(Entry(setting, indent, setting.Name[(dot + 1)..]));
        }

        return text.ToString();
    }

    private static string Entry(Setting setting, string indent, string key)
    {
        string value = setting.Example ?? setting.DefaultText;
        string mark = setting.Required || setting.Name == Settings.Domains.Name ? "" : "#"; // what nobody can leave as it is stands open
        string separator = value.StartsWith('\n') ? "" : " ";
        return $"{indent}{mark}{key}:{separator}{value.Replace("\n", $"\n{indent}{mark}", StringComparison.Ordinal)}\n";
    }
}

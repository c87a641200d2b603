using System.Net;
using System.Text;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Store;

namespace FullStack.Harness.Servers;

/// <summary>The configuration file of a test server: all listeners on loopback with ports that the system chooses.</summary>
internal static class TestConfiguration
{
    private const string Transcripts = "tests/Conformance/";

    private const string Listeners = """
        listeners:
          - { protocol: smtp,       address: "127.0.0.1:0", proxy: true }
          - { protocol: submission, address: "127.0.0.1:0", proxy: true }
          - { protocol: submission, address: "127.0.0.1:0", proxy: true, tls: implicit }
          - { protocol: lmtp,       address: "127.0.0.1:0", proxy: true }
          - { protocol: odmr,       address: "127.0.0.1:0" }
          - { protocol: pop3,       address: "127.0.0.1:0", proxy: true }
          - { protocol: pop3,       address: "127.0.0.1:0", proxy: true, tls: implicit }
          - { protocol: imap,       address: "127.0.0.1:0", proxy: true }
          - { protocol: imap,       address: "127.0.0.1:0", proxy: true, tls: implicit }
        """;

    /// <exception cref="ArgumentException">A setting does not exist or has a value that it cannot have.</exception>
    public static ServerConfiguration For(TestServerOptions options, string data, IPEndPoint dns)
    {
        Dictionary<string, string> settings = new()
        {
            ["hostname"] = "mail.example.test",
            ["data"] = data,
            ["domains"] = $"[{TestAccounts.Domain}]",
            ["dns.servers"] = $"[\"{dns}\"]",
            ["auth.failure_delay"] = "0s",
            ["auth.max_failure_delay"] = "15s",
            ["store.format"] = options.Format == StoreFormat.Mbox ? "mbox" : "maildir",
            ["store.sync"] = options.Sync == SyncMode.Full ? "full" : "none",
        };
        foreach ((string key, string value) in options.Settings)
            settings[key] = value.Replace(Transcripts, SourceTree.PathOf(Transcripts), StringComparison.Ordinal); // files beside the transcripts that need them
        ConfigurationFile file = ConfigurationFile.Parse(ToYaml(settings) + (settings.ContainsKey("listeners") ? "" : Listeners) + LmtpSocket(options), Path.Combine(data, "fullstack.yaml"));
        return file.Configuration ?? throw new ArgumentException(string.Join("; ", file.Problems.Select(problem => problem.Text)), nameof(options));
    }

    private static string LmtpSocket(TestServerOptions options)
        => options.LmtpSocket is { } path ? $"\n  - {{ protocol: lmtp, address: \"unix:{path}\", mode: \"0666\" }}\n" : "";

    private static string ToYaml(IEnumerable<KeyValuePair<string, string>> settings)
    {
        StringBuilder yaml = new();
        foreach (IGrouping<string, KeyValuePair<string, string>> section in settings.GroupBy(static pair => SectionOf(pair.Key)))
        {
            if (section.Key.Length > 0)
                yaml.AppendLine($"{section.Key}:");
            foreach ((string key, string value) in section)
                yaml.AppendLine(section.Key.Length > 0 ? $"  {key[(section.Key.Length + 1)..]}: {value}" : $"{key}: {value}");
        }

        return yaml.ToString();
    }

    private static string SectionOf(string key) => key.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? key[..dot] : "";
}

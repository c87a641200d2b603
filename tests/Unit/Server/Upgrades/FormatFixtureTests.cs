using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Queue.Spool;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Upgrades;
using FullStack.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server.Upgrades;

/// <summary>Data folders as each format had them: this program serves them as the one did that made them. <c>make-fixture</c> says what is in them.</summary>
public sealed class FormatFixtureTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The UIDVALIDITY of INBOX in the folder of each format, from format 1 on.</summary>
    private static readonly uint[] s_uidValidities = [1795359121, 1795414110];

    public static TheoryData<int> Formats => [.. Enumerable.Range(1, DataFormat.Version)];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_data_folder_of_each_format_is_served(int format)
    {
        using ScratchFolder folder = new();
        await ExtractAsync(format, folder.FullPath);
        string config = folder.File("fullstack.yaml");
        await File.WriteAllTextAsync(config, """
            hostname: mail.example.test
            data: ./data
            domains: [example.test]
            listeners: [{ protocol: imap, address: "127.0.0.1:0" }]
            dns: { servers: ["127.0.0.1:9"] }
            """, Ct);
        ServerConfiguration configuration = ConfigurationFile.Load(config).Configuration!;
        await using (MailServer server = await MailServer.StartAsync(configuration, NullLoggerFactory.Instance, TimeProvider.System, Ct))
            await CheckMailAsync(server.Listeners[0].EndPoint, s_uidValidities[format - 1]);
        using QueueBook queue = new(Path.Combine(folder.FullPath, "data", "queue"), SyncMode.None);
        (QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) = Assert.Single(queue.List());
        Assert.True(message.IsHeld);
        Assert.Equal("stranger@elsewhere.example", Assert.Single(recipients).Path.Address.ToString());
        Assert.True(File.Exists(queue.FileOf(message.Id)));
    }

    private static async Task CheckMailAsync(IPEndPoint imap, uint uidValidity)
    {
        await using LineClient client = await LineClient.ConnectAsync(imap, Ct);
        await client.ReadLineAsync(Ct);
        await AskAsync("LOGIN alice@example.test \"correct horse\"");
        IReadOnlyList<string> selected = await AskAsync("SELECT INBOX");
        Assert.Contains("* 2 EXISTS", selected);
        Assert.Contains(selected, line => line.StartsWith($"* OK [UIDVALIDITY {uidValidity}]", StringComparison.Ordinal));
        IReadOnlyList<string> fetched = await AskAsync("FETCH 1:* (UID FLAGS)");
        Assert.Contains("* 1 FETCH (UID 1 FLAGS (\\Answered \\Seen))", fetched);
        Assert.Contains("* 2 FETCH (UID 2 FLAGS (\\Flagged $Important))", fetched);
        Assert.Contains(await AskAsync("LSUB \"\" \"*\""), static line => line.EndsWith("Work/Plans", StringComparison.Ordinal));
        Assert.Contains(await AskAsync("GETACL Work/Plans"), static line => line.Contains("bob@example.test lr", StringComparison.Ordinal));
        Assert.Contains(await AskAsync("GETMETADATA INBOX /private/comment"), static line => line.Contains("kept", StringComparison.Ordinal));
        Assert.Contains("* 1 EXISTS", await AskAsync("SELECT Work/Plans"));
        await AskAsync("LOGOUT");

        async Task<IReadOnlyList<string>> AskAsync(string command)
        {
            await client.SendLineAsync("a " + command, Ct);
            IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal), Ct);
            Assert.StartsWith("a OK", lines[^1], StringComparison.Ordinal);
            return lines;
        }
    }

    private static async Task ExtractAsync(int format, string folder)
    {
        await using FileStream file = File.OpenRead(SourceTree.PathOf("tests", "Unit", "Server", "Upgrades", $"format-{format}.tar.gz"));
        await using GZipStream octets = new(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(octets, folder, overwriteFiles: false, Ct);
    }
}

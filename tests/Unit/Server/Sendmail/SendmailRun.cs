using System.Text;
using FullStack.Harness;
using FullStack.Server.Cli;
using FullStack.Server.Cli.Sendmail;
using FullStack.Store;
using FullStack.Store.Spool;

namespace FullStack.Unit.Server.Sendmail;

/// <summary>Calls of sendmail without a server, and what they drop.</summary>
internal sealed class SendmailRun : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public SendmailRun()
    {
        Directory.CreateDirectory(_folder.File("drop"));
        File.WriteAllText(_folder.File("fullstack.yaml"), "hostname: mail.example.test\ndata: ./data\ndomains: [example.test]\nsendmail: { folder: drop }\nsmtp: { message_size_limit: 64KiB }\n");
    }

    public string Error { get; private set; } = "";

    public string Output { get; private set; } = "";

    private DropFolder Drop => new(_folder.File("drop"), SyncMode.None);

    public async Task<int> RunAsync(string input, params string[] arguments)
    {
        using StringWriter error = new();
        using MemoryStream output = new();
        using StringWriter text = new();
        Terminal terminal = new()
        {
            Input = TextReader.Null, Output = text, Error = error, Log = Stream.Null, InputOctets = new MemoryStream(Encoding.Latin1.GetBytes(input)), OutputOctets = output,
        };
        int code = await SendmailCommand.RunAsync(SendmailMode.Send, ["-C", _folder.File("fullstack.yaml"), .. arguments], terminal, TestContext.Current.CancellationToken);
        (Error, Output) = (error.ToString(), text + Encoding.UTF8.GetString(output.ToArray()));
        return code;
    }

    /// <summary>All that was dropped, as Latin-1.</summary>
    public IReadOnlyList<string> Dropped()
    {
        List<string> texts = [];
        foreach (string name in Drop.List())
        {
            using DroppedMessage message = Drop.Open(name)!;
            using StreamReader reader = new(message.Content, Encoding.Latin1);
            texts.Add(reader.ReadToEnd());
        }

        return texts;
    }

    /// <summary>The only thing that was dropped: its commands, and its text.</summary>
    public (string Commands, string Text) Only()
    {
        string all = Assert.Single(Dropped());
        int chunk = all.IndexOf("BDAT ", StringComparison.Ordinal);
        int end = all.IndexOf('\n', chunk) + 1;
        Assert.Equal(all.Length - end, int.Parse(all.AsSpan(chunk + 5, 15), System.Globalization.CultureInfo.InvariantCulture));
        return (all[..chunk], all[end..]);
    }

    public void Dispose() => _folder.Dispose();
}

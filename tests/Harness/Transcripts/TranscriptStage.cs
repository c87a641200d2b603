using System.Diagnostics;
using System.Globalization;
using System.Text;
using FullStack.Auth.Sasl;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Verify;

namespace FullStack.Harness.Transcripts;

/// <summary>What happens around the dialogue: messages put in place, directives, checks.</summary>
internal sealed class TranscriptStage(TranscriptPlayer player, LinePattern patterns)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private int _drops;

    /// <summary>Puts the known messages into alice's INBOX and defines their variables.</summary>
    public async Task SeedMessagesAsync(int count, CancellationToken ct)
    {
        for (int k = 1; k <= count; k++)
        {
            DateTimeOffset date = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero).AddMinutes(k);
            string text = string.Create(CultureInfo.InvariantCulture, $"""
                From: Bob <bob@example.test>
                To: Alice <alice@example.test>
                Subject: Message {k}
                Date: {date:ddd, d MMM yyyy HH:mm:ss} +0000
                Message-ID: <message-{k}@example.test>

                This is message {k}.

                """).ReplaceLineEndings("\r\n");
            AppendOutcome outcome = await player.Server.AppendAsync(
                "alice", MailboxName.Inbox, Encoding.ASCII.GetBytes(text), MessageFlags.None, date, ct);
            patterns.Set($"uid{k}", outcome.Uid.ToString());
            patterns.Set($"size{k}", text.Length.ToString(CultureInfo.InvariantCulture));
            patterns.Set("uidvalidity", outcome.UidValidity.Value.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Asks, on a connection of its own, for what the server offers before and after the login.</summary>
    public async Task CheckNeedsAsync(IReadOnlyList<string> needs, ListenerProtocol protocol, CancellationToken ct)
    {
        await using LineClient client = await LineClient.ConnectAsync(player.Server.Listener(protocol).EndPoint, ct);
        SessionOpener opener = new(client, protocol);
        await opener.ReadGreetingAsync(ct);
        List<string> offered = [.. await opener.ReadCapabilitiesAsync(ct)];
        if (protocol is not (ListenerProtocol.Smtp or ListenerProtocol.Lmtp))
        {
            await opener.LogInAsync("carol", ct);
            offered.AddRange(await opener.ReadCapabilitiesAsync(ct));
        }

        string[] missing = [.. needs.Where(need => !offered.Any(offer => IsOffer(offer, need)))];
        if (missing.Length > 0)
            throw TranscriptPlayer.Mismatch($"the server offers {string.Join(' ', missing)}", string.Join(", ", offered));
        client.HalfClose();
        await client.ReadToEndAsync(ct); // the session has ended then, and the maildrop is free
    }

    public async Task RunAsync(TranscriptStep.Directive step, CancellationToken ct)
    {
        switch (step.Name)
        {
            case "starttls":
                await player.StartTlsAsync(NumberOf(step), ct);
                break;
            case "sasl":
                await player.AuthenticateAsync(NumberOf(step), step.Argument(1, ""), step.Argument(2, ""), patterns.Expand(step.Argument(3, "")), step.Argument(4, "n"), ct);
                break;
            case "secret":
                player.Server.SetSecret(step.Argument(0, ""), step.Argument(1, ""));
                break;
            case "app-password":
                patterns.Set(step.Argument(0, ""), player.Server.AddAppPassword(step.Argument(1, ""), Enum.Parse<LoginService>(step.Argument(2, ""), ignoreCase: true), TimeSpan.FromHours(1)));
                break;
            case "compress":
                player.StartCompression(NumberOf(step));
                break;
            case "open":
                await player.OpenAsync(NumberOf(step), step.Arguments.ElementAtOrDefault(1), ct);
                break;
            case "close":
                await player.CloseAsync(NumberOf(step), ct);
                break;
            case "reset":
                player.Reset(NumberOf(step));
                break;
            case "eof":
                await player.ExpectEndAsync(NumberOf(step), halfClose: false, ct);
                break;
            case "advance":
                player.Server.Time.Advance(DurationOf(step.Argument(0, "")));
                player.Note($"the clock moves by {step.ArgumentText}");
                break;
            case "dns":
                player.Server.Dns.Add(patterns.Expand(step.ArgumentText));
                break;
            case "restart":
                await player.RestartAsync(ct);
                break;
            case "move":
                player.Server.Move(step.Argument(0, ""), step.Argument(1, ""));
                break;
            case "submission":
                player.Server.SetSubmission(step.Argument(0, ""), long.Parse(step.Argument(1, ""), CultureInfo.InvariantCulture), step.Argument(2, "off") == "on");
                break;
            case "check":
                await CheckMailboxesAsync(ct);
                break;
            case "logged":
                await WaitForLogAsync(patterns.Expand(step.ArgumentText), ct);
                break;
            case "alarm":
                if (!player.Server.Log.ForgetAlarms(entry => patterns.Matches(patterns.Expand(step.ArgumentText), entry.Message)))
                    throw TranscriptPlayer.Mismatch($"an alarm {step.ArgumentText}", string.Join(Environment.NewLine, player.Server.Log.Alarms));
                break;
            case "append" or "deliver" or "drop":
                await PutMessageAsync(step, Octets(step.Argument(0, "")), ct);
                break;
            default:
                throw new TranscriptFailureException($"unknown directive @{step.Name}");
        }
    }

    /// <summary>The verifier of the store finds nothing wrong.</summary>
    public async Task CheckMailboxesAsync(CancellationToken ct)
    {
        foreach (string user in TestAccounts.Users.Where(user => Directory.Exists(player.Server.MaildirOf(user)) || File.Exists(player.Server.MboxOf(user))))
        {
            IReadOnlyList<string> broken = await MailboxVerifier.VerifyAsync(player.Server.Store, TestMailServer.AccountOf(user), ct);
            if (broken.Count > 0)
                throw TranscriptPlayer.Mismatch($"{user}'s mailboxes are sound", string.Join("; ", broken));
        }
    }

    private async Task PutMessageAsync(TranscriptStep.Directive step, byte[] octets, CancellationToken ct)
    {
        if (step.Name == "append")
            await player.Server.AppendAsync("alice", MailboxOf(step), octets, FlagsOf(step.Arguments.Skip(2)), internalDate: null, ct);
        else if (step.Name == "deliver")
            await player.Server.DeliverAsync(step.Argument(1, "alice"), octets, ct);
        else
            Drop(step.Argument(1, "alice"), octets);
        player.Note(step.Name + " " + step.ArgumentText);
    }

    private static MailboxName MailboxOf(TranscriptStep.Directive step)
        => MailboxName.TryParse(step.Argument(1, "INBOX"), out MailboxName? mailbox)
            ? mailbox
            : throw new TranscriptFailureException($"no mailbox name: {step.ArgumentText}");

    private byte[] Octets(string name)
    {
        if (player.Transcript.Messages.TryGetValue(name, out string? text))
            return Encoding.Latin1.GetBytes(text);
        string file = Path.Combine(Transcript.Folder, player.Transcript.Protocol, name);
        if (!File.Exists(file))
            throw new TranscriptFailureException($"neither a message M{{ {name} nor a file {file}");
        text = File.ReadAllText(file, Encoding.Latin1);
        return Encoding.Latin1.GetBytes(text.Contains("\r\n", StringComparison.Ordinal) ? text : text.Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    /// <summary>Does what another delivery program does: in a Maildir, writes into tmp/ and renames into new/; to an mbox, appends. Line ends as LF.</summary>
    private void Drop(string user, byte[] octets)
    {
        if (File.Exists(player.Server.MboxOf(user)))
        {
            File.AppendAllText(
                player.Server.MboxOf(user), $"From other@example.test Mon Mar  2 10:00:00 2026\n{Encoding.Latin1.GetString(octets).Replace("\r\n", "\n", StringComparison.Ordinal)}\n", Encoding.Latin1);
            return;
        }

        string maildir = player.Server.MaildirOf(user);
        foreach (string folder in new[] { "tmp", "new", "cur" })
            Directory.CreateDirectory(Path.Combine(maildir, folder));
        string name = string.Create(CultureInfo.InvariantCulture, $"1772445600.M{++_drops}P1.other.example.test");
        string stored = Encoding.Latin1.GetString(octets).Replace("\r\n", "\n", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(maildir, "tmp", name), stored, Encoding.Latin1);
        File.Move(Path.Combine(maildir, "tmp", name), Path.Combine(maildir, "new", name));
    }

    private async Task WaitForLogAsync(string pattern, CancellationToken ct)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!player.Server.Log.Latest.Any(entry => patterns.Matches(pattern, entry.Message)))
        {
            if (Stopwatch.GetElapsedTime(begun) > s_patience)
                throw TranscriptPlayer.Mismatch($"a log line {pattern}", string.Join(Environment.NewLine, player.Server.Log.Latest.TakeLast(20)));
            await Task.Delay(10, ct);
        }
    }

    private static bool IsOffer(string offer, string need)
        => offer.Equals(need, StringComparison.OrdinalIgnoreCase) || offer.StartsWith(need + " ", StringComparison.OrdinalIgnoreCase);

    private static int NumberOf(TranscriptStep.Directive step) => int.Parse(step.Argument(0, "1"), CultureInfo.InvariantCulture);

    private static TimeSpan DurationOf(string text)
    {
        double number = double.Parse(text[..^1], CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => throw new TranscriptFailureException($"no duration: {text}"),
        };
    }

    private static MessageFlags FlagsOf(IEnumerable<string> words)
    {
        SystemFlags flags = SystemFlags.None;
        List<string> keywords = [];
        foreach (string word in words)
        {
            if (word.StartsWith('\\'))
                flags |= Enum.Parse<SystemFlags>(word[1..], ignoreCase: true);
            else
                keywords.Add(word);
        }

        return new(flags, keywords);
    }
}

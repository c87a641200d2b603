using FullStack.Harness.Clients;
using FullStack.Server;
using FullStack.Server.Hosting;

namespace FullStack.Conformance.Interleaving;

/// <summary>One client: its connection, what it enabled, and its picture of the mailbox that it selected.</summary>
internal sealed class ModelSession(string name, LineClient client, Dialogue dialogue) : IAsyncDisposable
{
    private int _tags;

    public string Name => name;
    public SessionPicture? Picture { get; set; }
    public bool IsCondStoreEnabled { get; set; }
    public bool IsQResyncEnabled { get; set; }

    /// <summary>The IDLE that has not been ended; null where there is none.</summary>
    public ModelCommand? Idling { get; set; }

    public static async Task<ModelSession> ConnectAsync(string name, BoundListener listener, string user, Dialogue dialogue, CancellationToken ct)
    {
        LineClient client = await LineClient.ConnectAsync(listener.EndPoint, ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(ct);
        await opener.LogInAsync(user, ct);
        return new(name, client, dialogue);
    }

    /// <summary>Sends commands in one piece, without waiting for an answer between them.</summary>
    public async Task SendAsync(IReadOnlyList<ModelCommand> commands, CancellationToken ct)
    {
        foreach (ModelCommand command in commands)
        {
            command.Tag = $"{name}{_tags++}";
            dialogue.Sent(name, $"{command.Tag} {command.Text}");
        }

        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(string.Concat(commands.Select(static command => $"{command.Tag} {command.Text}\r\n"))), ct);
    }

    public async Task SendDoneAsync(CancellationToken ct)
    {
        dialogue.Sent(name, "DONE");
        await client.SendLineAsync("DONE", ct);
    }

    /// <summary>Reads up to the tagged answer of a command and takes everything on the way into the picture.</summary>
    public async Task<Answer> ReadAnswerAsync(ModelCommand command, CancellationToken ct)
    {
        Picture?.Turn();
        IsQResyncEnabled |= command.EnablesQResync;
        command.EnabledCondStore = !IsCondStoreEnabled && (command.EnablesCondStore || command.EnablesQResync);
        IsCondStoreEnabled |= command.EnabledCondStore;
        command.Begin?.Invoke();
        while (true)
        {
            ImapResponse response = await ReadAsync(command, ct);
            if (!response.IsTagged)
                continue;
            ModelBreach.Unless(response.Tag == command.Tag, $"{response.Tag} ended where {command.Tag} was to end");
            ModelBreach.Unless(response.Name is "OK" or "NO", $"{command.Text} was answered {response.Raw}");
            ModelBreach.Unless(response.Name == "OK" || response.Code is not ("SERVERBUG" or "UNAVAILABLE"), $"{command.Text} was answered {response.Raw}");
            Answer answer = new(response, [.. command.Untagged]);
            command.Settle?.Invoke(answer);
            bool wasToldHighest = Picture?.IsHighestTold == true;
            Picture?.Conclude(response);
            // RFC 7162 §3.1: the first CONDSTORE enabling command with a mailbox selected.
            ModelBreach.Unless(!command.EnabledCondStore || Picture is null || wasToldHighest || response.Name != "OK", "CONDSTORE was enabled without a HIGHESTMODSEQ");
            return answer;
        }
    }

    /// <summary>Reads one response of the running command.</summary>
    public async Task<ImapResponse> ReadAsync(ModelCommand command, CancellationToken ct)
    {
        ImapResponse response = await ImapResponse.ReadAsync(client, ct);
        dialogue.Received(name, response.Raw);
        ModelBreach.Unless(response.Name != "BYE", "the server said goodbye");
        if (response.IsTagged || response.Tag == "+")
            return response;
        if (response.Name == "OK" && response.Code == "CLOSED")
            Picture = null;
        CheckFlagUpdate(command, response);
        if (command.Opening is { } opening && response.Name == "FLAGS")
            Picture = opening; // what comes before it belongs to the mailbox before
        Picture?.Apply(response, command.MayExpunge, IsQResyncEnabled);
        command.Untagged.Add(response);
        return response;
    }

    public async ValueTask DisposeAsync() => await client.DisposeAsync();

    /// <summary>Flags that were not asked for come with UID and MODSEQ once CONDSTORE is enabled (RFC 7162 §3.2.4).</summary>
    private void CheckFlagUpdate(ModelCommand command, ImapResponse response)
    {
        if (response.Name != "FETCH" || !response.Items.ContainsKey("FLAGS"))
            return;
        bool isWhole = response.Items.ContainsKey("UID") && response.Items.ContainsKey("MODSEQ");
        ModelBreach.Unless(isWhole || command.AsksForFlags || !IsCondStoreEnabled, "flags changed, and were told without UID and MODSEQ");
    }
}

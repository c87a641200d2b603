using System.Collections.Immutable;

namespace FullStack.Conformance.Interleaving;

/// <summary>Chooses what a session says next, in any state but IDLE.</summary>
internal sealed class CommandChooser(ModelWorld world, ModelSession session, Random random)
{
    private readonly MessageCommands _messages = new(world, session, random);
    private readonly MailboxCommands _mailboxes = new(world, session, random);

    private SessionPicture Picture => session.Picture!;

    /// <summary>One command, where nothing else goes on.</summary>
    public ModelCommand Any()
    {
        if (session.Picture is null)
            return random.Next(10) switch { < 7 => _mailboxes.Select(), 7 => _mailboxes.Enable(), 8 => _mailboxes.Status(), _ => _mailboxes.Append() };
        return random.Next(40) switch
        {
            < 2 => _mailboxes.Select(),
            2 => _mailboxes.Enable(),
            < 5 => _mailboxes.Status(),
            < 8 => _mailboxes.Append(),
            8 when random.Next(3) == 0 => _mailboxes.Close(),
            9 when random.Next(3) == 0 => _mailboxes.Unselect(),
            < 13 => _mailboxes.Noop(),
            _ => AboutMessages(random.Next(2) == 0, random.Next(3) == 0),
        };
    }

    /// <summary>Commands for one packet, that stay clear of RFC 9051 §5.5: no message number after a command that may change it.</summary>
    /// <param name="most">How many.</param>
    public IReadOnlyList<ModelCommand> Run(int most)
    {
        List<ModelCommand> run = [];
        int withNumbers = session.Picture is null ? 0 : random.Next(most + 1);
        for (int i = 0; i < most; i++)
        {
            ModelCommand command = session.Picture is null || random.Next(6) == 0
                ? random.Next(3) switch { 0 => _mailboxes.Status(), 1 => _mailboxes.Append(), _ => _mailboxes.Noop() }
                : AboutMessages(byUid: i >= withNumbers, last: i == withNumbers - 1);
            if (command.UsesNumbers && i >= withNumbers)
                continue;
            if (command is { MayExpunge: true } && i < withNumbers)
                withNumbers = i;
            run.Add(command);
        }

        return run;
    }

    private ModelCommand AboutMessages(bool byUid, bool last)
    {
        if (Picture.Messages.Count == 0)
            return random.Next(2) == 0 ? _mailboxes.Append() : _mailboxes.Noop();
        return random.Next(24) switch
        {
            < 7 => _messages.Store(byUid),
            < 12 => _messages.Fetch(byUid),
            < 15 => _messages.Search(byUid),
            15 => _messages.Sort(byUid),
            < 18 => _messages.Copy(byUid),
            18 when byUid || last => _messages.Move(byUid),
            19 when byUid || last => _messages.Expunge(),
            20 or 21 => _messages.Delete(byUid),
            22 when byUid || last => _messages.UidExpunge(),
            _ => _messages.FetchUnknown(),
        };
    }
}

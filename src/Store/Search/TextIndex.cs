using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>
/// An account's index of the texts in its messages, by trigrams. It is filled behind, while the account is open, and tells which
/// messages cannot have a text; those that can, and those it does not know yet, are read.
/// </summary>
/// <remarks>
/// What a crash leaves is a database as some transaction left it: rows and the marks that vouch for them change together. So no
/// state of it can make a search find other messages than it would without.
/// </remarks>
internal sealed class TextIndex
{
    private readonly StoreContext _store;
    private readonly TextIndexFile _file;
    private readonly TextIndexFiller _filler;

    public TextIndex(StoreContext store, string accountDirectory, AccountIndex index)
    {
        _store = store;
        _file = new(store, Path.Combine(accountDirectory, "search.db"));
        _filler = new(store, _file, index);
    }

    /// <summary>Its database.</summary>
    internal TextIndexFile File => _file;

    private bool IsOn => _store.Options.SearchIndex;

    /// <summary>Whether there is an index.</summary>
    public bool IsMade => IsOn && _file.Exists;

    /// <summary>A mailbox was opened, or messages came or went: they will be indexed, or forgotten, before long. Returns at once.</summary>
    public void Wake(Mailbox mailbox)
    {
        if (IsOn)
            _filler.Wake(mailbox);
    }

    /// <summary>Asks which messages may have the texts of a plan; null where the index cannot help.</summary>
    public async Task<TextAnswer?> AskAsync(Mailbox mailbox, QueryPlan plan, CancellationToken ct)
    {
        string?[] questions = [.. plan.Texts.Select(TrigramQuery.For)];
        if (!IsOn || Array.TrueForAll(questions, static q => q is null) || mailbox.Current is not { Messages.Count: > 0 } now)
            return null;
        long id = mailbox.Counters.Id;
        try
        {
            return await _file.UseAsync(index =>
            {
                uint[]?[] candidates = new uint[]?[questions.Length];
                for (int slot = 0; slot < questions.Length; slot++)
                    candidates[slot] = questions[slot] is { } trigrams ? TextTables.Find(index, id, plan.Texts[slot].Field, trigrams) : null;
                return new TextAnswer(TextTables.LoadMarks(index, id), now.UidValidity, candidates);
            }, ct);
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(_store.Log, mailbox.Folder.Path.ToString(), e.Message);
            return null;
        }
    }

    /// <summary>Indexes all that is open now, without pausing. For tests.</summary>
    internal Task FillAsync(IReadOnlyList<Mailbox> mailboxes, CancellationToken ct) 
        => IsOn ? _filler.FillAsync(mailboxes, pauses: false, ct) : Task.CompletedTask;

    /// <summary>Ends when nothing waits to be indexed. For tests.</summary>
    internal Task IdleAsync() => _filler.Running;

    /// <summary>Closes the database until it is needed again, where nothing is being indexed.</summary>
    public Task RestAsync() => _filler.IsBusy ? Task.CompletedTask : _file.RestAsync();

    /// <summary>Stops indexing, after the batch under way, and closes the database.</summary>
    public async Task CloseAsync()
    {
        await _filler.StopAsync();
        await _file.RestAsync();
    }
}

using System.Diagnostics;
using System.Globalization;

namespace FullStack.Crash.Soak;

/// <summary>
/// What clients may expect of each message in each account: the worlds that fit what the server said. An act that was answered leaves one, an act whose answer
/// never came two. Safe for use by many clients; a message is in the hands of one at a time.
/// </summary>
internal sealed class Holdings
{
    private const int Probes = 8;
    private const int MostRemembered = 12;
    private static readonly TimeSpan s_inHand = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_inMemory = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<(string User, string Id), Holding> _all = [];
    private readonly Dictionary<string, List<Holding>> _byUser = [];

    /// <summary>A message is on its way to an account. It is in the sender's hands until the act is over.</summary>
    public Act Send(string user, string id, string what, string mailbox, Marks marks = Marks.None)
    {
        Holding holding = new(user, id, _watch.Elapsed) { IsTaken = true };
        lock (_gate)
        {
            _all.Add((user, id), holding);
            if (!_byUser.TryGetValue(user, out List<Holding>? own))
                _byUser.Add(user, own = []);
            own.Add(holding);
        }

        return Begin(holding, what, world => world.With(mailbox, marks));
    }

    /// <summary>Takes some message of a mailbox about which there is no doubt; null where none is found.</summary>
    public Holding? Take(string user, string mailbox, Random random)
    {
        lock (_gate)
        {
            List<Holding>? own = _byUser.GetValueOrDefault(user);
            for (int i = 0; own is { Count: > 0 } && i < Probes; i++)
            {
                int at = random.Next(own.Count);
                Holding holding = own[at];
                if (holding is { IsTaken: false, Worlds.Count: 1 } && holding.World.Has(mailbox))
                {
                    holding.IsTaken = true;
                    return holding;
                }

                if (holding is { IsTaken: false, Worlds.Count: 1 } && holding.World.Equals(World.Nowhere))
                {
                    own[at] = own[^1];
                    own.RemoveAt(own.Count - 1);
                }
            }

            return null;
        }
    }

    /// <summary>Takes a certain message, if nobody has it in hand and it is known to be in the mailbox.</summary>
    public Holding? Take(string user, string id, string mailbox)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue((user, id), out Holding? holding) || holding is not { IsTaken: false, Worlds.Count: 1 } || !holding.World.Has(mailbox))
                return null;
            holding.IsTaken = true;
            return holding;
        }
    }

    public void Release(Holding holding)
    {
        lock (_gate)
            holding.IsTaken = false;
    }

    /// <summary>A change is being asked for: from now on both the old and the new may be.</summary>
    /// <param name="holding">The message, which the caller has in hand.</param>
    /// <param name="what">Which, in a word.</param>
    /// <param name="change">What comes of each world that may be.</param>
    /// <param name="between">What may be besides, if the act is not done at one stroke.</param>
    public Act Begin(Holding holding, string what, Func<World, World> change, Func<World, World>? between = null)
    {
        lock (_gate)
        {
            Remember(holding, what);
            World[] before = [.. holding.Worlds], after = [.. before.Select(change)];
            holding.Worlds.UnionWith(after);
            if (between is not null)
                holding.Worlds.UnionWith([.. before.Select(between)]);
            return new(this, holding, before, after);
        }
    }

    /// <summary>The server was killed: what the queue had in hand of messages that came in the last seconds may not be written down.</summary>
    /// <param name="wasFull">The disk was full a moment ago, and the queue may still have in memory what it could not write down then.</param>
    public void NoteKill(bool wasFull)
    {
        lock (_gate)
        {
            foreach (Holding holding in _all.Values) // those that were removed too
                holding.MayComeAgain |= holding.WasQueued && _watch.Elapsed - holding.Since < (wasFull ? s_inMemory : s_inHand);
        }
    }

    /// <summary>Whether a message may be there again after it was moved or removed.</summary>
    public bool MayComeAgain(string user, string id)
    {
        lock (_gate)
            return _all.TryGetValue((user, id), out Holding? holding) && holding.MayComeAgain;
    }

    /// <summary>About how many messages an account has.</summary>
    public int CountOf(string user)
    {
        lock (_gate)
            return _byUser.TryGetValue(user, out List<Holding>? own) ? own.Count : 0;
    }

    /// <summary>Compares what an account holds with what it may hold. From then on what was found is what is known.</summary>
    /// <param name="user">The account.</param>
    /// <param name="found">Message-IDs, and where they are.</param>
    /// <returns>Every difference that must not be.</returns>
    /// <param name="tally">Counts what came again.</param>
    public IReadOnlyList<string> Settle(string user, IReadOnlyDictionary<string, World> found, Tally tally)
    {
        lock (_gate)
        {
            List<string> differences = [.. found.Keys.Where(id => !_all.ContainsKey((user, id))).Select(id => $"{user} has {id}, which was never sent to it")];
            foreach (Holding holding in _all.Values.Where(holding => holding.User == user))
            {
                World there = found.GetValueOrDefault(holding.Id, World.Nowhere);
                bool isAgain = holding.MayComeAgain && there.Has("INBOX") && holding.Worlds.Any(world => world.With("INBOX", there.MarksIn("INBOX")).Equals(there));
                if (!holding.Worlds.Contains(there) && isAgain)
                    tally.Count("mail that came again from the queue after a kill");
                else if (!holding.Worlds.Contains(there))
                    differences.Add($"{holding.Id} of {user} is {there}; it should be {string.Join(" or ", holding.Worlds)}: {holding.Story}");
                holding.Worlds.Clear();
                holding.Worlds.Add(there);
            }

            List<Holding> own = _byUser.GetValueOrDefault(user) ?? [];
            own.RemoveAll(static holding => holding.World.Equals(World.Nowhere));
            return differences;
        }
    }

    private void Remember(Holding holding, string what)
    {
        holding.Past.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds:0.0} s {what}"));
        if (holding.Past.Count > MostRemembered)
            holding.Past.Dequeue();
    }

    private void End(Holding holding, string what, IEnumerable<World> worlds)
    {
        lock (_gate)
        {
            Remember(holding, what);
            holding.Worlds.Clear();
            holding.Worlds.UnionWith(worlds);
        }
    }

    /// <summary>A message in an account.</summary>
    internal sealed class Holding(string user, string id, TimeSpan since)
    {
        /// <summary>When it was sent.</summary>
        public TimeSpan Since { get; } = since;

        public string User { get; } = user;

        public string Id { get; } = id;

        /// <summary>What may be.</summary>
        public HashSet<World> Worlds { get; } = [World.Nowhere];

        /// <summary>What is, where there is no doubt.</summary>
        public World World => Worlds.Single();

        public bool IsTaken { get; set; }

        /// <summary>It was in the queue, too, and what became of it there could perhaps not be written down: who moved or removed it may get it again (docs/queue.md).</summary>
        public bool MayComeAgain { get; set; }

        /// <summary>It is for others as well, so it came through the queue.</summary>
        public bool WasQueued { get; set; }

        /// <summary>The last things that were asked for, and what the server said.</summary>
        public Queue<string> Past { get; } = new();

        public string Story => string.Join(", ", Past);
    }

    /// <summary>A change that was asked for.</summary>
    internal sealed class Act(Holdings holdings, Holding holding, World[] before, World[] after)
    {
        /// <summary>The server said that it is done.</summary>
        public void Done() => holdings.End(holding, "done", after);

        /// <summary>The server said that it is not.</summary>
        public void NotDone() => holdings.End(holding, "refused", before);

        /// <summary>Gives the message back, whatever is known.</summary>
        public void Release() => holdings.Release(holding);

        /// <summary>It came through the queue.</summary>
        public void NoteQueue() => holding.WasQueued = true;
    }
}

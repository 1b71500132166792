/// Purging in steps.
///
/// Entries are inserted, removed and replaced between two steps. New entries were checked against the log of purges after the purge
/// was recorded, so a sweep need not visit them, and it ends. A sweep visits every older entry: nodes keep their positions because
/// no memory is compacted during a sweep, and the cursor of a label advances when its link is removed.
extension ShardState {
    /// Visits entries until the sweep ends or the budget is used up.
    mutating func advance(_ sweep: inout PurgeSweep, budget: inout PurgeBudget) {
        if case .start = sweep.place { begin(&sweep, budget: &budget) }
        while !budget.isUsedUp {
            switch sweep.place {
            case .label(let cursor):
                guard let position = labels.advance(cursor) else {
                    end(&sweep)
                    return
                }
                visit(position, &sweep, &budget)
            case .nodes(let next, let end):
                guard next < min(end, nodes.count) else {
                    self.end(&sweep)
                    return
                }
                sweep.place = .nodes(next: next + 1, end: end)
                visit(UInt32(next), &sweep, &budget)
            case .start, .end: return
            }
        }
    }

    private mutating func begin(_ sweep: inout PurgeSweep, budget: inout PurgeBudget) {
        switch sweep.selection {
        case .key(let key):
            if let position = position(of: key) { visit(position, &sweep, &budget) }
            sweep.place = .end
            tidy()
            return
        case .tag, .url:
            sweepNumber += 1
            labels.openCursor(sweepNumber, under: sweep.labelHash)
            sweep.place = .label(cursor: sweepNumber)
        case .prefix, .everything:
            sweep.place = .nodes(next: 0, end: nodes.count)
        }
        sweepCount += 1
    }

    private mutating func end(_ sweep: inout PurgeSweep) {
        if case .label(let cursor) = sweep.place { labels.closeCursor(cursor) }
        sweep.place = .end
        sweepCount -= 1
        tidy()
    }

    private mutating func visit(_ position: UInt32, _ sweep: inout PurgeSweep, _ budget: inout PurgeBudget) {
        // Different labels may have the same hash.
        guard let stored = nodes[Int(position)].stored, sweep.selection.selects(stored.entry, under: stored.key) else {
            budget.spend(isPurged: false)
            return
        }
        budget.spend(isPurged: true)
        sweep.count += 1
        statistics.purged += 1
        switch sweep.mode {
        case .hard: remove(at: position)
        case .soft: makeStale(at: position, from: sweep.moment)
        }
    }
}

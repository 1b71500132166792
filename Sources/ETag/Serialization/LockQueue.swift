/// The waiters of a lock, in the order of arrival.
///
/// Every operation takes amortized constant time: clients decide how many wait, and how many leave before their turn.
struct LockQueue<Waiter> {
    private var waiters: [Int: Waiter] = [:]
    /// The numbers of the waiters in their order, among them those of waiters that have left.
    private var order: [Int] = []
    /// Where the first number is that was not taken yet.
    private var first = 0

    /// How many wait.
    var count: Int { waiters.count }

    /// Adds a waiter under a number that no other has.
    mutating func append(_ waiter: Waiter, number: Int) {
        waiters[number] = waiter
        order.append(number)
    }

    /// Removes a waiter before its turn.
    mutating func remove(_ number: Int) -> Waiter? {
        defer { tidy() }
        return waiters.removeValue(forKey: number)
    }

    /// Removes the first waiter.
    mutating func popFirst() -> Waiter? {
        defer { tidy() }
        while first < order.count {
            first += 1
            if let waiter = waiters.removeValue(forKey: order[first - 1]) { return waiter }
        }
        return nil
    }

    /// Removes the numbers of waiters that are gone, once they are the larger part.
    private mutating func tidy() {
        guard order.count > 32 + 2 * waiters.count else { return }
        order = order[first...].filter { waiters[$0] != nil }
        first = 0
    }
}

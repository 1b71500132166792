/// Finds the name that a misspelled one was meant to be.
enum NearName {
    /// The name among others that is most like one, or nil when none is like it.
    static func of(_ name: String, among names: some Sequence<String>) -> String? {
        // A slip in a short name makes it another name; a long one may have two.
        let limit = min(2, name.count / 4 + 1)
        let count = name.count
        // A difference of length is a lower bound of the distance; names in a file may be of any length.
        return names.filter { abs($0.count - count) <= limit }
            .map { (name: $0, distance: distance(name, $0)) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
            .name
    }

    /// How many letters have to be put in, taken out, replaced or exchanged with their neighbour to make one name of the
    /// other; capitals do not count.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased())
        let right = Array(right.lowercased())
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}

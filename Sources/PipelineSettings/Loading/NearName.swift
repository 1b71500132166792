/// A search for the intended name behind a misspelled one.
enum NearName {
    /// Returns the most similar name, or nil if no name is similar.
    static func of(_ name: String, among names: some Sequence<String>) -> String? {
        // A short name may have one typing error, a longer one two.
        let limit = min(2, name.count / 4 + 1)
        let count = name.count
        // The difference in length is a lower bound of the distance. It excludes names in a file, which may be of any
        // length.
        return names.filter { abs($0.count - count) <= limit }
            .map { (name: $0, distance: distance(name, $0)) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
            .name
    }

    /// Returns the number of letters to insert, delete, replace or swap with a neighbor to turn one name into the
    /// other. Letter case is ignored.
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

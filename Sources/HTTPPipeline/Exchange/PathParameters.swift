/// The parameters that a router took from a request's path: by position (`args`) and by name (`kwargs`).
public struct PathParameters: Sendable, Hashable {
    /// One named parameter.
    public struct Parameter: Sendable, Hashable {
        /// The name in the path template.
        public var name: String
        /// The converted value; routers without converters give text.
        public var value: ParameterValue

        /// Creates a parameter.
        public init(_ name: String, _ value: ParameterValue) {
            self.name = name
            self.value = value
        }
    }

    /// The parameters without names, in their order in the path.
    public var positional: [ParameterValue]

    /// The parameters with names, in code-point order of the names, so that two requests whose router listed
    /// them differently are equal.
    public private(set) var named: [Parameter]

    /// Creates path parameters.
    ///
    /// - Parameters:
    ///   - positional: The parameters without names.
    ///   - named: The parameters with names; of a repeated name the last value counts.
    public init(positional: [ParameterValue] = [], named: [Parameter] = []) {
        self.positional = positional
        self.named = named
        guard named.count > 1 else { return }
        // The sort is stable, so among equal names the last one given stays last.
        let sorted = named.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.named = []
        for parameter in sorted {
            if let last = self.named.last, last.name.utf8.elementsEqual(parameter.name.utf8) {
                self.named.removeLast()
            }
            self.named.append(parameter)
        }
    }

    /// Whether there are no parameters.
    public var isEmpty: Bool { positional.isEmpty && named.isEmpty }

    /// The value of the parameter called `name`, or nil. O(number of parameters).
    public subscript(name: String) -> ParameterValue? {
        named.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}

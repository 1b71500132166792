package import HTTPTypes

extension HTTPFields {
    /// The value of a field, several lines joined by commas: what the subscript gives, for one line without joining anything.
    package func value(of name: HTTPField.Name) -> String? {
        let length = name.canonicalName.utf8.count
        var value: String?
        for field in self where field.name.canonicalName.utf8.count == length && field.name == name {
            guard value == nil else { return self[name] }
            value = field.value
        }
        return value
    }
}

enum PlaceholderPipelineTesting {}

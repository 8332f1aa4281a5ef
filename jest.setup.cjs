// The SDK's advice about the laptop's Node would stand in front of every test file's result.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
